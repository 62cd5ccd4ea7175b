namespace Shop.Benchmarks.Reports;

/// <summary>
/// Draws a chart as SVG: no script, no font of its own, readable on light and dark ground (a picture in a page follows
/// the reader's preference by <c>prefers-color-scheme</c>).
/// </summary>
/// <param name="title">What is shown.</param>
/// <param name="horizontal">The horizontal axis, with its unit.</param>
/// <param name="vertical">The vertical axis, with its unit.</param>
public sealed class Chart(string title, string horizontal, string vertical)
{
    private const int Width = 760;
    private const int Height = 400;
    private const int Left = 84;
    private const int Right = 24;
    private const int Top = 74;
    private const int Bottom = 58;
    private const int Ticks = 5;
    private const int CharacterWidth = 8;

    /// <summary>Okabe and Ito's colours, which colour-blind readers can tell apart.</summary>
    private static readonly string[] Colours = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9"];

    private readonly List<(string Name, IReadOnlyList<(double X, double Y)> Points)> _lines = [];
    private readonly List<(string Name, IReadOnlyList<double> Values)> _bars = [];
    private IReadOnlyList<string> _categories = [];

    private static double PlotWidth => Width - Left - Right;

    private static double PlotHeight => Height - Top - Bottom;

    /// <summary>A line over numbers.</summary>
    public Chart Line(string name, IEnumerable<(double X, double Y)> points)
    {
        _lines.Add((name, [.. points]));
        return this;
    }

    /// <summary>Groups of bars: a value of each series for each category.</summary>
    public Chart Bars(IReadOnlyList<string> categories, params (string Name, IReadOnlyList<double> Values)[] series)
    {
        _categories = categories;
        _bars.AddRange(series);
        return this;
    }

    public override string ToString()
    {
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" role="img" aria-label="{Text(title)}"
                font-family="system-ui, sans-serif" font-size="13">
            <style>.text {"{"} fill: #24292f {"}"} .axis {"{"} stroke: #57606a {"}"} .grid {"{"} stroke: #d0d7de {"}"}
                @media (prefers-color-scheme: dark) {"{"} .text {"{"} fill: #e6edf3 {"}"}
                .axis {"{"} stroke: #8d96a0 {"}"} .grid {"{"} stroke: #30363d {"}"} {"}"}</style>
            <text class="text" x="{Left}" y="24" font-size="16" font-weight="600">{Text(title)}</text>

            """);
        Legend(svg);
        var highest = Nice(_lines.SelectMany(line => line.Points.Select(point => point.Y))
            .Concat(_bars.SelectMany(bar => bar.Values)).Append(0).Max());
        VerticalAxis(svg, highest);
        if (_categories.Count > 0)
            DrawBars(svg, highest);
        else
            DrawLines(svg, highest);
        svg.Append(CultureInfo.InvariantCulture, $"""
            <line class="axis" x1="{Left}" y1="{Height - Bottom}" x2="{Width - Right}" y2="{Height - Bottom}"/>
            <text class="text" x="{Left + PlotWidth / 2}" y="{Height - 14}" text-anchor="middle">{Text(horizontal)}</text>
            <text class="text" transform="translate(18 {Top + PlotHeight / 2}) rotate(-90)" text-anchor="middle">{Text(vertical)}</text>
            </svg>

            """);
        return svg.ToString();
    }

    private void Legend(StringBuilder svg)
    {
        var x = (double)Left;
        foreach (var (index, name) in _lines.Select(line => line.Name).Concat(_bars.Select(bar => bar.Name)).Index())
        {
            svg.Append(CultureInfo.InvariantCulture, $"""
                <rect x="{x}" y="40" width="12" height="12" rx="2" fill="{Colour(index)}"/>
                <text class="text" x="{x + 18}" y="51">{Text(name)}</text>

                """);
            x += 18 + 20 + name.Length * CharacterWidth;
        }
    }

    private static void VerticalAxis(StringBuilder svg, double highest)
    {
        for (var tick = 0; tick <= Ticks; tick++)
        {
            var value = highest * tick / Ticks;
            svg.Append(CultureInfo.InvariantCulture, $"""
                <line class="grid" x1="{Left}" y1="{Y(value, highest):0.#}" x2="{Width - Right}" y2="{Y(value, highest):0.#}"/>
                <text class="text" x="{Left - 8}" y="{Y(value, highest) + 4:0.#}" text-anchor="end">{value:#,0.##}</text>

                """);
        }
    }

    private void DrawBars(StringBuilder svg, double highest)
    {
        var group = PlotWidth / _categories.Count;
        var width = Math.Min(64, group * 0.8 / _bars.Count);
        foreach (var (category, name) in _categories.Index())
        {
            var middle = Left + group * (category + 0.5);
            foreach (var (series, bar) in _bars.Index())
            {
                var (x, value) = (middle + (series - _bars.Count / 2.0) * width, bar.Values[category]);
                var y = Y(value, highest);
                svg.Append(CultureInfo.InvariantCulture, $"""
                    <rect x="{x:0.#}" y="{y:0.#}" width="{width - 2:0.#}" height="{Height - Bottom - y:0.#}" fill="{Colour(series)}"/>
                    <text class="text" x="{x + width / 2 - 1:0.#}" y="{y - 5:0.#}" text-anchor="middle"
                        font-size="11">{Figure.Rounded(value):#,0.##}</text>

                    """);
            }

            svg.Append(CultureInfo.InvariantCulture, $"""
                <text class="text" x="{middle:0.#}" y="{Height - Bottom + 18}" text-anchor="middle">{Text(name)}</text>

                """);
        }
    }

    private void DrawLines(StringBuilder svg, double highest)
    {
        var furthest = Nice(_lines.SelectMany(line => line.Points.Select(point => point.X)).Append(0).Max());
        double X(double value) => Left + PlotWidth * value / furthest;
        for (var tick = 0; tick <= Ticks; tick++)
        {
            var value = furthest * tick / Ticks;
            svg.Append(CultureInfo.InvariantCulture, $"""
                <text class="text" x="{X(value):0.#}" y="{Height - Bottom + 18}" text-anchor="middle">{value:#,0.##}</text>

                """);
        }

        foreach (var (index, line) in _lines.Index())
        {
            var points = line.Points.Select(point =>
                string.Create(CultureInfo.InvariantCulture, $"{X(point.X):0.#},{Y(point.Y, highest):0.#}"));
            svg.Append(CultureInfo.InvariantCulture, $"""
                <polyline fill="none" stroke="{Colour(index)}" stroke-width="2" points="{string.Join(' ', points)}"/>

                """);
        }
    }

    private static double Y(double value, double highest) => Height - Bottom - PlotHeight * value / highest;

    /// <summary>A round number that isn't less: the ticks are round then too.</summary>
    private static double Nice(double value)
    {
        if (value <= 0)
            return 1;
        var power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        return new[] { 1, 1.5, 2, 2.5, 3, 4, 5, 7.5, 10 }.First(step => step * power >= value * 0.999999) * power;
    }

    private static string Colour(int index) => Colours[index % Colours.Length];

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
