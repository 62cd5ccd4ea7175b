using System.Globalization;
using Shop.Benchmarks.Load;
using Shop.Benchmarks.Reports;
using Shop.Benchmarks.Topology;

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
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<bool> RunAsync(
        string name, IReadOnlyDictionary<string, string> settings, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var report = new Report(name, options);
        report.Say($"{name}: starting the shop");
        await using var shop = await ShopTopology.StartAsync(
            new TopologyOptions { ApiReplicas = options.ApiReplicas, Settings = new Dictionary<string, string>(settings.Concat(options.Settings)) }, cancellationToken);
        var load = new OrderLoad(shop, options, report);
        var workload = await load.ForAsync(OrderLoad.SkusOnAnOrdinaryDay, cancellationToken);
        var window = options.Window ?? DefaultWindow;
        var windows = new OrderWindows();

        await load.WarmUpAsync(workload, cancellationToken);
        // While the worker is there anyway; with it, settling orders takes its share of the machine.
        for (var run = 1; run <= options.Runs && !options.WithWorker; run++)
            windows.Add($"{ConnectionsWithWorker}, with worker", await load.MeasureAsync(workload, ConnectionsWithWorker, window, cancellationToken));
        if (!options.WithWorker)
            await shop.CommandAsync("worker", "stop", cancellationToken);

        for (var run = 1; run <= options.Runs; run++)
        {
            report.Say($"  run {run} of {options.Runs}, {(options.WithWorker ? "with" : "without")} the worker");
            foreach (var connections in options.Connections ?? DefaultConnections)
            {
                windows.Add(
                    connections.ToString(CultureInfo.InvariantCulture) + (options.WithWorker ? ", with worker" : ""),
                    await load.MeasureAsync(workload, connections, window, cancellationToken));
            }
        }

        report.Show($"Orders accepted, by connections; medians of {options.Runs} windows of {window.TotalSeconds:0} s", windows.RatesAndLatencies());
        report.Show("Processors in use", windows.Processors());
        report.Show("PostgreSQL", windows.Database());
        report.Figures["windows"] = windows.ToJson();
        await report.SaveAsync(cancellationToken);
        return true;
    }
}
