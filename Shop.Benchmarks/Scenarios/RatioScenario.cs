using Shop.Benchmarks.Reports;
using Shop.Benchmarks.Topology;

namespace Shop.Benchmarks.Scenarios;

/// <summary>What committing together is worth: the same API on the same database, with and without it, by turns.</summary>
internal static class RatioScenario
{
    private const int DefaultConnections = 64;
    private const string Together = "together";
    private const string Alone = "one by one";

    private static readonly TimeSpan DefaultWindow = TimeSpan.FromSeconds(10);

    /// <param name="oneByOne">The settings that make the API commit each order alone.</param>
    /// <param name="options">The command line.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<bool> RunAsync(IReadOnlyDictionary<string, string> oneByOne, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var report = new Report("intake-vs-one-by-one", options);
        report.Say("intake-vs-one-by-one: starting the shop");
        await using var shop = await ShopTopology.StartAsync(
            new TopologyOptions { ApiReplicas = options.ApiReplicas, Settings = options.Settings }, cancellationToken);
        var load = new MeasuredLoad(shop, options, report);
        var workload = await load.ForAsync(MeasuredLoad.SkusOnAnOrdinaryDay, cancellationToken);
        if (!options.WithWorker)
            await load.StopWorkerAsync(cancellationToken);

        var window = options.Window ?? DefaultWindow;
        var connections = options.Connections is [var chosen, ..] ? chosen : DefaultConnections;
        var windows = new LoadWindows("orders");
        for (var run = 1; run <= options.Runs; run++)
        {
            report.Say($"  run {run} of {options.Runs}");
            foreach (var (name, settings) in new[] { (Together, options.Settings), (Alone, oneByOne) })
            {
                report.Say($"  {name}");
                await shop.RestartApiAsync(settings, oneByOne.Keys, cancellationToken);
                await load.WarmUpAsync(workload, cancellationToken);
                windows.Add(name, await load.MeasureAsync(workload, connections, window, cancellationToken));
            }
        }

        var ratio = windows.MedianRate(Together) / windows.MedianRate(Alone);
        report.Show($"{connections} connections; medians of {options.Runs} windows of {window.TotalSeconds:0} s each", windows.RatesAndLatencies());
        report.Show("Processors in use", windows.Processors());
        report.Show("PostgreSQL", windows.Database());
        report.Conclude($"Together is {Figure.Decimal(ratio)} times one by one.");
        report.Figures["ratio"] = Figure.Rounded(ratio);
        report.Figures["windows"] = windows.ToJson();
        var fits = await load.AuditAsync(MeasuredLoad.LongestRest, cancellationToken);
        await report.SaveAsync(cancellationToken);
        return fits;
    }
}
