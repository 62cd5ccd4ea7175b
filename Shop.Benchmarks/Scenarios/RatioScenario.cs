using Shop.Benchmarks.Reports;
using Shop.Benchmarks.Topology;

namespace Shop.Benchmarks.Scenarios;

/// <summary>What a setting of the API is worth: the same API on the same database, with it and without it, by turns.</summary>
/// <param name="Name">The scenario's.</param>
/// <param name="This">What the API is as a rule, for people.</param>
/// <param name="Other">What it is with the settings, for people.</param>
/// <param name="Settings">What makes it so.</param>
internal sealed record RatioScenario(string Name, string This, string Other, IReadOnlyDictionary<string, string> Settings)
{
    private const int DefaultConnections = 64;

    private static readonly TimeSpan DefaultWindow = TimeSpan.FromSeconds(10);

    /// <summary>Whether the dashboard runs and gets the services' telemetry.</summary>
    public bool WithDashboard { get; init; }

    public async Task<bool> RunAsync(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var report = new Report(Name, options);
        report.Say($"{Name}: starting the shop");
        await using var shop = await ShopTopology.StartAsync(
            new TopologyOptions { ApiReplicas = options.ApiReplicas, WithDashboard = WithDashboard, Settings = options.Settings }, cancellationToken);
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
            (string Name, IReadOnlyDictionary<string, string> Settings)[] both = [(This, options.Settings), (Other, Settings)];
            // By turns the one or the other comes first: whatever changes with time (caches that fill, a disk that tires) must favour neither.
            foreach (var (name, settings) in run % 2 == 1 ? both : [.. both.Reverse()])
            {
                report.Say($"  {name}");
                await shop.RestartApiAsync(settings, Settings.Keys, cancellationToken);
                await load.WarmUpAsync(workload, cancellationToken);
                windows.Add(name, await load.MeasureAsync(workload, connections, window, cancellationToken));
            }
        }

        var ratio = windows.MedianRate(This) / windows.MedianRate(Other);
        report.Show($"{connections} connections; medians of {options.Runs} windows of {window.TotalSeconds:0} s each", windows.RatesAndLatencies());
        report.Show("Processors in use", windows.Processors());
        report.Show("PostgreSQL", windows.Database());
        report.Conclude($"{This}: {Figure.Percent(ratio)} of {Other}.");
        report.Figures["ratio"] = Figure.Rounded(ratio);
        report.Figures["windows"] = windows.ToJson();
        var fits = await load.AuditAsync(MeasuredLoad.LongestRest, cancellationToken);
        await report.SaveAsync(cancellationToken);
        return fits;
    }
}
