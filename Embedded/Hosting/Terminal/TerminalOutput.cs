using System.Globalization;

namespace Embedded.Hosting;

/// <summary>What the person before the terminal sees: a line per change, a table when all is up, a last word when something fails.</summary>
internal sealed class TerminalOutput
{
    private const string Red = "\e[31m";
    private const string Green = "\e[32m";
    private const string Yellow = "\e[33m";
    private const string Dim = "\e[2m";
    private const string Reset = "\e[0m";
    private const int NameWidth = 14;
    private const int StateWidth = 10;

    private readonly Lock _gate = new();
    private readonly TextWriter _out;
    private readonly TextWriter _error;
    private readonly bool _coloursOut;
    private readonly bool _coloursError;

    internal TerminalOutput(TextWriter output, TextWriter error, bool coloursOut, bool coloursError)
    {
        _out = output;
        _error = error;
        _coloursOut = coloursOut;
        _coloursError = coloursError;
    }

    public static TerminalOutput OfConsole()
    {
        var colours = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") != "dumb";
        return new TerminalOutput(Console.Out, Console.Error, colours && !Console.IsOutputRedirected, colours && !Console.IsErrorRedirected);
    }

    public static TerminalOutput Off() => new(TextWriter.Null, TextWriter.Null, coloursOut: false, coloursError: false);

    public void Announce(string text) => Write(_out, text);

    public void Change(string name, string state, string? detail, Severity severity)
    {
        var time = DateTime.Now.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        var colour = severity switch { Severity.Good => Green, Severity.Bad => Red, Severity.Doubtful => Yellow, _ => "" };
        Write(_out, $"{Coloured(Dim, time)}  {name.PadRight(NameWidth)}  {Coloured(colour, state.PadRight(StateWidth))}  {detail}".TrimEnd());
    }

    public void Table(IReadOnlyList<string> headings, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var widths = headings.Select((heading, column) => rows.Select(row => row[column].Length).Append(heading.Length).Max()).ToArray();
        string Format(IReadOnlyList<string> cells) => "  " + string.Join("  ", cells.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd();

        Write(_out, "");
        Write(_out, Coloured(Dim, Format(headings)));
        foreach (var row in rows)
            Write(_out, Format(row));

        Write(_out, "");
    }

    /// <summary>Why the application ends; the only thing that goes to standard error.</summary>
    public void LastWord(string text) => Write(_error, _coloursError ? $"\n{Red}{text}{Reset}" : $"\n{text}");

    private string Coloured(string colour, string text) => _coloursOut && colour.Length > 0 ? colour + text + Reset : text;

    private void Write(TextWriter writer, string line)
    {
        lock (_gate)
        {
            try
            {
                writer.WriteLine(line);
                writer.Flush();
            }
            catch (IOException)
            {
                // Whoever read along (a pipe, a closed terminal) is gone; the application runs on.
            }
        }
    }
}
