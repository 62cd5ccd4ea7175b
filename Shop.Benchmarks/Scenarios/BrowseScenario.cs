using Shop.Benchmarks.Load;

namespace Shop.Benchmarks.Scenarios;

/// <summary>How fast lists and single products are shown.</summary>
internal static class BrowseScenario
{
    private const int Products = 100;

    private static readonly int[] DefaultConnections = [1, 32, 64];
    private static readonly TimeSpan DefaultWindow = TimeSpan.FromSeconds(10);

    /// <summary>The first page of the whole catalogue, as the home page's visitors ask for it.</summary>
    public static Workload List() => Workload.Of(RequestTemplate.Get("list", "/api/v1/products?pageSize=24"));

    /// <summary>Single products, a hundred of them with equal chance.</summary>
    public static async Task<Workload> DetailAsync(ShopTopology shop, CancellationToken cancellationToken) =>
        Workload.Of([.. (await StockedProducts.SlugsAsync(shop, Products, cancellationToken))
            .Select(slug => RequestTemplate.Get("detail", $"/api/v1/products/{slug}"))]);

    public static async Task<bool> RunAsync(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var report = new Report("browse", options);
        report.Say("browse: starting the shop");
        await using var shop = await ShopTopology.StartAsync(
            new TopologyOptions { ApiReplicas = options.ApiReplicas, Settings = options.Settings }, cancellationToken);
        var load = new MeasuredLoad(shop, options, report);
        (string Name, Workload Workload)[] kinds = [("list of 24", List()), ("one product", await DetailAsync(shop, cancellationToken))];
        var window = options.Window ?? DefaultWindow;
        var connections = options.Connections ?? DefaultConnections;
        var windows = new LoadWindows("requests");
        foreach (var (_, workload) in kinds)
            await load.WarmUpAsync(workload, cancellationToken);

        for (var run = 1; run <= options.Runs; run++)
        {
            foreach (var (name, workload) in kinds)
            {
                report.Say($"  run {run} of {options.Runs}: {name}");
                foreach (var count in connections)
                {
                    windows.Add(
                        NameOf(name, count),
                        await load.MeasureAsync(new LoadPlan(load.Servers, count, window, workload), success: 200, cancellationToken));
                }
            }
        }

        report.Show(
            $"Answers by what is asked for and connections; medians of {options.Runs} windows of {window.TotalSeconds:0} s",
            windows.RatesAndLatencies());
        report.Show("Processors in use", windows.Processors());
        report.Figures["windows"] = windows.ToJson();
        report.Draw("", new Chart("Products shown a second", "connections", "requests/s")
            .Bars(
                [.. connections.Select(count => count.ToString(CultureInfo.InvariantCulture))],
                [.. kinds.Select(kind =>
                    (kind.Name, (IReadOnlyList<double>)[.. connections.Select(count => windows.MedianRate(NameOf(kind.Name, count)))]))])
            .ToString());
        await report.SaveAsync(cancellationToken);
        return true;
    }

    private static string NameOf(string kind, int connections) => string.Create(CultureInfo.InvariantCulture, $"{kind}, {connections}");
}
