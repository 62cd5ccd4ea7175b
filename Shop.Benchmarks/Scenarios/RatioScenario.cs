namespace Shop.Benchmarks.Scenarios;

/// <summary>
/// What a setting of the API is worth. Two replicas run on one database, one with it and one without it, both warm, and are
/// loaded by turns, each at its own address: short windows side by side see the same machine and the same database. Each run
/// has new processes, as no two of them are compiled alike. What either replica does while the other is loaded is told among
/// the processors, by the name under which it knows itself.
/// </summary>
/// <param name="Name">The scenario's.</param>
/// <param name="This">What the API is as a rule, for people.</param>
/// <param name="Other">What it is with the settings, for people.</param>
/// <param name="Settings">What makes it so.</param>
internal sealed record RatioScenario(string Name, string This, string Other, IReadOnlyDictionary<string, string> Settings)
{
    private const int DefaultConnections = 64;

    private const int PairsPerRun = 5;

    private const string Service = "apiservice";
    private const string OtherReplica = "apiservice-other";

    private static readonly TimeSpan DefaultWindow = TimeSpan.FromSeconds(3);

    private readonly Dictionary<string, string> _settings = new(Settings) { ["OTEL_SERVICE_NAME"] = OtherReplica };

    /// <summary>Whether the dashboard runs and gets the services' telemetry.</summary>
    public bool WithDashboard { get; init; }

    public async Task<bool> RunAsync(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var report = new Report(Name, options);
        if (options.Gateway || options.ApiReplicas > 1)
        {
            report.Say($"{Name} compares two replicas of the API, each loaded at its own address: leave out --gateway and --api-replicas.");
            return false;
        }

        report.Say($"{Name}: starting the shop");
        await using var shop = await ShopTopology.StartAsync(
            new TopologyOptions { ApiReplicas = 2, WithDashboard = WithDashboard, Settings = options.Settings }, cancellationToken);
        var load = new MeasuredLoad(shop, options, report);
        var workload = await load.ForAsync(MeasuredLoad.SkusOnAnOrdinaryDay, cancellationToken);
        if (!options.WithWorker)
            await load.StopWorkerAsync(cancellationToken);

        var window = options.Window ?? DefaultWindow;
        var connections = options.Connections is [var chosen, ..] ? chosen : DefaultConnections;
        var windows = new LoadWindows("orders");
        var ratios = new List<double>();
        for (var run = 1; run <= options.Runs; run++)
        {
            report.Say($"  run {run} of {options.Runs}");
            var both = await StartBothAsync(shop, cancellationToken);
            foreach (var (_, server) in both)
                await load.WarmUpAsync([server], workload, cancellationToken);

            for (var pair = 0; pair < PairsPerRun; pair++)
            {
                var rates = new Dictionary<string, double>();
                // The one or the other comes first, by turns: a table that grows or a disk that tires must favour neither.
                foreach (var (name, server) in ((run * PairsPerRun) + pair) % 2 == 0 ? both : both.Reverse())
                {
                    report.Say($"  {name}");
                    var measured = await load.MeasureAsync([server], workload, connections, window, cancellationToken);
                    windows.Add(name, measured);
                    rates[name] = measured.Rate;
                }

                ratios.Add(rates[This] / rates[Other]);
            }
        }

        var ratio = Figure.Median(ratios);
        report.Show(
            $"{connections} connections; medians of {ratios.Count} windows of {window.TotalSeconds:0} s each", windows.RatesAndLatencies());
        report.Show("Processors in use", windows.Processors());
        report.Show("PostgreSQL", windows.Database());
        report.Conclude(string.Create(
            CultureInfo.InvariantCulture,
            $"{This} ({Service}): {Figure.Percent(ratio)} of {Other} ({OtherReplica}). Half of the {ratios.Count} pairs lie between "
            + $"{Figure.Percent(Figure.Quantile(ratios, 0.25))} and {Figure.Percent(Figure.Quantile(ratios, 0.75))}."));
        report.Figures["ratio"] = Figure.Rounded(ratio);
        report.Figures["ratios"] = new JsonArray([.. ratios.Select(one => Figure.Rounded(one))]);
        report.Figures["windows"] = windows.ToJson();
        var fits = await load.AuditAsync(MeasuredLoad.LongestRest, cancellationToken);
        await report.SaveAsync(cancellationToken);
        return fits;
    }

    private async Task<(string Name, IPEndPoint Server)[]> StartBothAsync(ShopTopology shop, CancellationToken cancellationToken)
    {
        var replicas = await shop.App.InstancesAsync(Service, cancellationToken);
        return
        [
            (This, await shop.RestartReplicaAsync(replicas[0], new Dictionary<string, string>(), cancellationToken)),
            (Other, await shop.RestartReplicaAsync(replicas[1], _settings, cancellationToken)),
        ];
    }
}
