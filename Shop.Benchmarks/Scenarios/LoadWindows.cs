namespace Shop.Benchmarks.Scenarios;

/// <summary>The windows of several runs by what was measured, and their medians.</summary>
/// <param name="things">What is counted: orders.</param>
internal sealed class LoadWindows(string things)
{
    private readonly List<(string Name, List<LoadWindow> Windows)> _rows = [];

    public void Add(string name, LoadWindow window)
    {
        var row = _rows.Find(known => known.Name == name).Windows;
        if (row is null)
            _rows.Add((name, row = []));
        row.Add(window);
    }

    public double MedianRate(string name) => Figure.Median(_rows.Find(row => row.Name == name).Windows.Select(window => window.Rate));

    public double MedianMilliseconds(string name, Func<LoadWindow, TimeSpan> value) =>
        Figure.Median(_rows.Find(row => row.Name == name).Windows.Select(window => value(window).TotalMilliseconds));

    public TextTable RatesAndLatencies()
    {
        var table = new TextTable("", $"{things}/s", "slowest run", "fastest run", "p50 ms", "p95 ms", "p99 ms", "max ms", "failures");
        foreach (var (name, windows) in _rows)
        {
            table.Add(
                name,
                Figure.Count(Median(windows, window => window.Rate)),
                Figure.Count(windows.Min(window => window.Rate)),
                Figure.Count(windows.Max(window => window.Rate)),
                Milliseconds(windows, window => window.P50),
                Milliseconds(windows, window => window.P95),
                Milliseconds(windows, window => window.P99),
                Figure.Milliseconds(windows.Max(window => window.Max)),
                Figure.Count(windows.Sum(window => window.Failures)));
        }

        return table;
    }

    /// <summary>Processors in use by process; 1.00 is one processor all the time.</summary>
    public TextTable Processors()
    {
        var processes = _rows.SelectMany(row => row.Windows).SelectMany(window => window.Cost.ProcessorTime.Keys).Distinct()
            .Order(StringComparer.Ordinal).ToArray();
        var table = new TextTable(["", .. processes, "together", $"µs/{things}"]);
        foreach (var (name, windows) in _rows)
        {
            double Of(string process) =>
                Median(windows, window => window.Cost.ProcessorTime.GetValueOrDefault(process) / window.Cost.Duration);
            var together = Median(
                windows, window => window.Cost.ProcessorTime.Values.Sum(time => time.TotalSeconds) / window.Cost.Duration.TotalSeconds);
            table.Add(
            [
                name,
                .. processes.Select(process => Two(Of(process))),
                Two(together),
                Figure.Count(Median(windows, window =>
                    window.Cost.ProcessorTime.Values.Sum(time => time.TotalMicroseconds) / Math.Max(1, window.Successes))),
            ]);
        }

        return table;
    }

    public TextTable Database()
    {
        var table = new TextTable(
            "", "WAL MiB/s", $"WAL bytes/{things}", "page images/s", "fsyncs/s", "commits/s", $"{things}/commit",
            "sessions at work, by what they wait for");
        foreach (var (name, windows) in _rows)
        {
            var waits = windows.SelectMany(window => window.Cost.Waits).GroupBy(wait => wait.Key)
                .Select(wait => (Wait: wait.Key, Sessions: wait.Sum(sample => sample.Value) / windows.Count))
                .OrderByDescending(wait => wait.Sessions).Take(5).Where(wait => wait.Sessions >= 0.005);
            table.Add(
                name,
                Figure.MebiBytes(Median(windows, window => window.Cost.WalBytes / window.Cost.Duration.TotalSeconds)),
                Figure.Count(Median(windows, window => window.Cost.WalBytes / (double)Math.Max(1, window.Successes))),
                Figure.Count(Median(windows, window => window.Cost.WalPageImages / window.Cost.Duration.TotalSeconds)),
                Figure.Count(Median(windows, window => window.Cost.WalSyncs / window.Cost.Duration.TotalSeconds)),
                Figure.Count(Median(windows, window => window.Cost.Commits / window.Cost.Duration.TotalSeconds)),
                Figure.Decimal(Median(windows, window => window.Successes / (double)Math.Max(1, window.Cost.Commits))),
                string.Join(", ", waits.Select(wait => $"{wait.Wait} {Two(wait.Sessions)}")));
        }

        return table;
    }

    public JsonArray ToJson() => [.. _rows.Select(row => new JsonObject
    {
        ["name"] = row.Name,
        ["connections"] = row.Windows[0].Connections,
        [$"{things}PerSecond"] = Figure.Rounded(Median(row.Windows, window => window.Rate)),
        ["p50Milliseconds"] = Figure.Rounded(Median(row.Windows, window => window.P50.TotalMilliseconds)),
        ["p95Milliseconds"] = Figure.Rounded(Median(row.Windows, window => window.P95.TotalMilliseconds)),
        ["p99Milliseconds"] = Figure.Rounded(Median(row.Windows, window => window.P99.TotalMilliseconds)),
        ["runs"] = new JsonArray([.. row.Windows.Select(window => new JsonObject
        {
            [$"{things}PerSecond"] = Figure.Rounded(window.Rate),
            ["p95Milliseconds"] = Figure.Rounded(window.P95.TotalMilliseconds),
            ["maxMilliseconds"] = Figure.Rounded(window.Max.TotalMilliseconds),
            ["failures"] = window.Failures,
            ["processors"] = new JsonObject(window.Cost.ProcessorTime.OrderBy(time => time.Key, StringComparer.Ordinal).Select(time =>
                KeyValuePair.Create(time.Key, (JsonNode?)Math.Round(time.Value / window.Cost.Duration, 3)))),
            ["walBytesPerSuccess"] = Figure.Rounded(window.Cost.WalBytes / (double)Math.Max(1, window.Successes)),
            ["walPageImages"] = window.Cost.WalPageImages,
            ["walSyncs"] = window.Cost.WalSyncs,
            ["commits"] = window.Cost.Commits,
            ["sessionsByWait"] = new JsonObject(window.Cost.Waits.OrderByDescending(wait => wait.Value).Select(wait =>
                KeyValuePair.Create(wait.Key, (JsonNode?)Math.Round(wait.Value, 3)))),
        })]),
    })];

    private static double Median(List<LoadWindow> windows, Func<LoadWindow, double> value) => Figure.Median(windows.Select(value));

    private static string Milliseconds(List<LoadWindow> windows, Func<LoadWindow, TimeSpan> value) =>
        Figure.Milliseconds(TimeSpan.FromMilliseconds(Median(windows, window => value(window).TotalMilliseconds)));

    private static string Two(double value) => value.ToString("0.00", System.Globalization.CultureInfo.InvariantCulture);
}
