using Shop.Benchmarks.Scenarios;

namespace Shop.Benchmarks.Reports;

/// <summary>What came of a scenario, for the terminal, and for <c>docs/benchmarks</c>.</summary>
/// <param name="name">The scenario's.</param>
/// <param name="options">What it was started with.</param>
public sealed class Report(string name, BenchmarkOptions options)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly List<(string Suffix, string Svg)> _charts = [];
    private readonly StringBuilder _text = new();
    private readonly TextWriter _terminal = Console.Out;

    /// <summary>What was measured; becomes the JSON file.</summary>
    public JsonObject Figures { get; } = [];

    /// <summary>Tells how far it is; is not kept.</summary>
    public void Say(string sentence) => _terminal.WriteLine(sentence);

    /// <summary>Tells what came of it; is kept.</summary>
    public void Conclude(string sentence) => Keep($"{sentence}\n");

    public void Show(string title, TextTable table) => Keep($"{title}\n\n{table}");

    /// <param name="suffix">What the file's name has after the scenario's; empty for its only chart.</param>
    /// <param name="svg">The picture.</param>
    public void Draw(string suffix, string svg) => _charts.Add((suffix, svg));

    /// <summary>Writes the figures as JSON, the tables as Markdown, and the charts.</summary>
    public async Task SaveAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(options.Output);
        var file = Path.Combine(options.Output, $"{name}.json");
        var report = new JsonObject
        {
            ["scenario"] = name,
            ["at"] = DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture),
            ["arguments"] = string.Join(' ', options.Arguments.Prepend(name)),
            ["machine"] = Machine.Describe(),
            ["figures"] = Figures,
        };
        await File.WriteAllTextAsync(file, report.ToJsonString(Indented) + "\n", cancellationToken);
        _terminal.WriteLine($"Written: {file}");
        await File.WriteAllTextAsync(
            Path.ChangeExtension(file, "md"), $"# {name}\n\n`{report["arguments"]}`, {report["at"]}\n{_text}", cancellationToken);
        foreach (var (suffix, svg) in _charts)
        {
            var picture = Path.Combine(options.Output, $"{name}{suffix}.svg");
            await File.WriteAllTextAsync(picture, svg, cancellationToken);
            _terminal.WriteLine($"Written: {picture}");
        }
    }

    private void Keep(string text)
    {
        _terminal.WriteLine();
        _terminal.WriteLine(text);
        _text.Append('\n').Append(text);
    }
}
