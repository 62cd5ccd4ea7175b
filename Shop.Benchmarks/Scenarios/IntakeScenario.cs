using Shop.Benchmarks.Load;

namespace Shop.Benchmarks.Scenarios;

/// <summary>How many orders are accepted a second, by the number of connections.</summary>
internal static class IntakeScenario
{
    private const int ConnectionsWithWorker = 64;

    private static readonly int[] DefaultConnections = [1, 8, 32, 64, 128];
    private static readonly TimeSpan DefaultWindow = TimeSpan.FromSeconds(10);

    /// <param name="name">The scenario's, for its files.</param>
    /// <param name="settings">Of the API, besides those of the command line.</param>
    /// <param name="options">The command line.</param>
    public static async Task<bool> RunAsync(
        string name, IReadOnlyDictionary<string, string> settings, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var report = new Report(name, options);
        report.Say($"{name}: starting the shop");
        await using var shop = await ShopTopology.StartAsync(
            new TopologyOptions
            {
                ApiReplicas = options.ApiReplicas,
                Settings = new Dictionary<string, string>(settings.Concat(options.Settings)),
            },
            cancellationToken);
        var load = new MeasuredLoad(shop, options, report);
        var workload = await load.ForAsync(MeasuredLoad.SkusOnAnOrdinaryDay, cancellationToken);
        var window = options.Window ?? DefaultWindow;
        var windows = new LoadWindows("orders");

        await load.WarmUpAsync(workload, cancellationToken);
        // While the worker is there anyway; with it, settling orders takes its share of the machine.
        for (var run = 1; run <= options.Runs && !options.WithWorker; run++)
        {
            windows.Add(
                NameOf(ConnectionsWithWorker, withWorker: true),
                await load.MeasureAsync(workload, ConnectionsWithWorker, window, cancellationToken));
        }

        if (!options.WithWorker)
            await load.StopWorkerAsync(cancellationToken);

        for (var run = 1; run <= options.Runs; run++)
        {
            report.Say($"  run {run} of {options.Runs}, {(options.WithWorker ? "with" : "without")} the worker");
            foreach (var connections in options.Connections ?? DefaultConnections)
            {
                windows.Add(
                    NameOf(connections, options.WithWorker),
                    await load.MeasureAsync(workload, connections, window, cancellationToken));
            }
        }

        report.Show(
            $"Orders accepted, by connections; medians of {options.Runs} windows of {window.TotalSeconds:0} s",
            windows.RatesAndLatencies());
        report.Show("Processors in use", windows.Processors());
        report.Show("PostgreSQL", windows.Database());
        report.Figures["windows"] = windows.ToJson();
        Draw(report, windows, options.Connections ?? DefaultConnections, options.WithWorker);
        var fits = await load.AuditAsync(MeasuredLoad.LongestRest, cancellationToken);
        await report.SaveAsync(cancellationToken);
        return fits;
    }

    private static string NameOf(int connections, bool withWorker) =>
        connections.ToString(CultureInfo.InvariantCulture) + (withWorker ? ", with worker" : "");

    private static void Draw(Report report, LoadWindows windows, IReadOnlyList<int> connections, bool withWorker)
    {
        string[] categories = [.. connections.Select(count => count.ToString(CultureInfo.InvariantCulture))];
        report.Draw("", new Chart("Orders accepted a second", "connections", "orders/s")
            .Bars(categories, ("orders/s", [.. connections.Select(count => windows.MedianRate(NameOf(count, withWorker)))])).ToString());
        report.Draw("-latency", new Chart("Time until an order is accepted", "connections", "ms")
            .Bars(
                categories,
                ("p50", [.. connections.Select(count => windows.MedianMilliseconds(NameOf(count, withWorker), window => window.P50))]),
                ("p95", [.. connections.Select(count => windows.MedianMilliseconds(NameOf(count, withWorker), window => window.P95))]),
                ("p99", [.. connections.Select(count => windows.MedianMilliseconds(NameOf(count, withWorker), window => window.P99))]))
            .ToString());
    }
}
