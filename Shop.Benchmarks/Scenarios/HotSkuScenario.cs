using Shop.Benchmarks.Load;

namespace Shop.Benchmarks.Scenarios;

/// <summary>All want the same SKU: how fast, against an ordinary spread in the same run; and with little stock, exactly how many.</summary>
internal static class HotSkuScenario
{
    private const int DefaultConnections = 64;
    private const int LimitedStock = 500;

    /// <summary>Far beyond sold out.</summary>
    private const int RequestsForLimitedStock = 20 * LimitedStock;

    private const string Spread = "spread over 100 SKUs";
    private const string OneSku = "one SKU";

    private static readonly TimeSpan DefaultWindow = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LimitedWindow = TimeSpan.FromMinutes(2);

    public static async Task<bool> RunAsync(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var report = new Report("hot-sku", options);
        report.Say("hot-sku: starting the shop");
        await using var shop = await ShopTopology.StartAsync(
            new TopologyOptions { ApiReplicas = options.ApiReplicas, Settings = options.Settings }, cancellationToken);
        var load = new MeasuredLoad(shop, options, report);
        var spread = await load.ForAsync(MeasuredLoad.SkusOnAnOrdinaryDay, cancellationToken);
        var skus = await StockedProducts.SkusAsync(shop, MeasuredLoad.SkusOnAnOrdinaryDay + options.Runs, cancellationToken);
        var hot = Workload.Of(RequestTemplate.Order("order", skus[0]));
        if (!options.WithWorker)
            await load.StopWorkerAsync(cancellationToken);

        var window = options.Window ?? DefaultWindow;
        var connections = options.Connections is [var chosen, ..] ? chosen : DefaultConnections;
        var windows = new LoadWindows("orders");
        await load.WarmUpAsync(spread, cancellationToken);
        for (var run = 1; run <= options.Runs; run++)
        {
            report.Say($"  run {run} of {options.Runs}: {Spread}, then {OneSku}");
            windows.Add(Spread, await load.MeasureAsync(spread, connections, window, cancellationToken));
            windows.Add(OneSku, await load.MeasureAsync(hot, connections, window, cancellationToken));
        }

        var share = windows.MedianRate(OneSku) / windows.MedianRate(Spread);
        report.Show(
            $"{connections} connections; medians of {options.Runs} windows of {window.TotalSeconds:0} s",
            windows.RatesAndLatencies());
        report.Show("Processors in use", windows.Processors());
        report.Show("PostgreSQL", windows.Database());
        report.Conclude($"With all wanting one SKU: {Figure.Percent(share)} of the ordinary spread.");
        report.Figures["shareOfSpread"] = Figure.Rounded(share);
        report.Figures["windows"] = windows.ToJson();
        report.Draw("", new Chart("Orders accepted a second", "what is bought", "orders/s")
            .Bars([Spread, OneSku], ("orders/s", [windows.MedianRate(Spread), windows.MedianRate(OneSku)])).ToString());

        var exact = await SellOutAsync(shop, load, report, skus[MeasuredLoad.SkusOnAnOrdinaryDay..], connections, cancellationToken);
        var fits = await load.AuditAsync(MeasuredLoad.LongestRest, cancellationToken);
        await report.SaveAsync(cancellationToken);
        return fits && exact;
    }

    private static async Task<bool> SellOutAsync(
        ShopTopology shop, MeasuredLoad load, Report report, IReadOnlyList<string> skus, int connections,
        CancellationToken cancellationToken)
    {
        report.Say($"  {LimitedStock} pieces, {connections} connections, until far beyond sold out");
        var table = new TextTable(
            "SKU", "stock", "asked for", "answered 202", "answered 409", "otherwise", "orders in the database", "left",
            "p95 accepted ms", "p95 refused ms");
        var runs = new JsonArray();
        var exact = true;
        foreach (var sku in skus)
        {
            await StockedProducts.FillAsync(shop, [sku], LimitedStock, cancellationToken);
            var result = await LoadGenerator.RunAsync(
                new LoadPlan(load.Servers, connections, LimitedWindow, Workload.Of(RequestTemplate.Order("order", sku)))
                {
                    MostRequests = RequestsForLimitedStock,
                },
                cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            var orders = await shop.AskAsync<long>("SELECT count(*) FROM ordering.lines WHERE sku = $1", cancellationToken, sku);
            var left = await shop.AskAsync<int>("SELECT on_hand - reserved FROM inventory.stock WHERE sku = $1", cancellationToken, sku);
            var otherwise = result.Answers - result.Count(202) - result.Count(409) + result.Errors.Values.Sum();
            exact &= result.Count(202) == LimitedStock && orders == LimitedStock && left == 0;
            table.Add(
                sku, Figure.Count(LimitedStock), Figure.Count(RequestsForLimitedStock), Figure.Count(result.Count(202)),
                Figure.Count(result.Count(409)), Figure.Count(otherwise), Figure.Count(orders), Figure.Count(left),
                Figure.Milliseconds(result.Latencies(202).Percentile(0.95)), Figure.Milliseconds(result.Latencies(409).Percentile(0.95)));
            runs.Add(new JsonObject
            {
                ["sku"] = sku,
                ["stock"] = LimitedStock,
                ["accepted"] = result.Count(202),
                ["refused"] = result.Count(409),
                ["otherwise"] = otherwise,
                ["orders"] = orders,
                ["left"] = left,
                ["p95AcceptedMilliseconds"] = Figure.Rounded(result.Latencies(202).Percentile(0.95).TotalMilliseconds),
                ["p95RefusedMilliseconds"] = Figure.Rounded(result.Latencies(409).Percentile(0.95).TotalMilliseconds),
            });
        }

        report.Show("Limited stock", table);
        report.Conclude(exact ? "Sold exactly the stock, each time." : "NOT exactly the stock was sold.");
        report.Figures["limitedStock"] = runs;
        return exact;
    }
}
