namespace Shop.Benchmarks.Reports;

/// <summary>A table for the terminal, which is Markdown too: the first column to the left, all others to the right.</summary>
public sealed class TextTable(params string[] columns)
{
    private readonly List<string[]> _rows = [];

    public void Add(params string[] cells)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(cells?.Length ?? 0, columns.Length);
        _rows.Add(cells!);
    }

    public override string ToString()
    {
        var widths = columns.Select((column, index) => _rows.Select(row => row[index].Length).Append(column.Length).Max()).ToArray();
        var text = new StringBuilder();
        Line(columns);
        text.Append('|')
            .AppendJoin('|', widths.Select((width, index) => index == 0 ? new string('-', width + 2) : new string('-', width + 1) + ':'))
            .Append("|\n");
        foreach (var row in _rows)
            Line(row);
        return text.ToString();

        void Line(string[] cells) => text.Append("| ")
            .AppendJoin(" | ", cells.Select((cell, index) => index == 0 ? cell.PadRight(widths[index]) : cell.PadLeft(widths[index])))
            .Append(" |\n");
    }
}
