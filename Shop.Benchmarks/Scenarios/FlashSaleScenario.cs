using Shop.Benchmarks.Load;

namespace Shop.Benchmarks.Scenarios;

/// <summary>
/// An ordinary day, then five times as many customers, most of whom want the 1,000 pieces of a flash sale. They come by
/// the clock, whether the shop keeps up or not.
/// </summary>
internal static class FlashSaleScenario
{
    private const double DefaultBaseRate = 300;
    private const double TimesAsMuch = 5;
    private const int DefaultConnections = 512;
    private const int Pieces = 1_000;
    private const string Ordinary = "order";
    private const string Wanted = "flash order";

    /// <summary>Of the requests in the rush that want the sale's SKU; the others go on as before.</summary>
    private const double WantedShare = 0.75;

    private static readonly TimeSpan OrdinaryTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DefaultRush = TimeSpan.FromSeconds(30);

    /// <summary>How long before its beginning, after the ordinary day, a sale is known.</summary>
    private static readonly TimeSpan Announced = TimeSpan.FromSeconds(5);

    /// <summary>For the worker to settle what it has, so that each run begins at rest.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(5);

    public static async Task<bool> RunAsync(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var report = new Report(options.Watched ? "flash-sale-watched" : "flash-sale", options);
        report.Say("flash-sale: starting the shop");
        await using var shop = await ShopTopology.StartAsync(
            new TopologyOptions { ApiReplicas = options.ApiReplicas, WorkerReplicas = options.WorkerReplicas, Settings = options.Settings },
            cancellationToken);
        var load = new MeasuredLoad(shop, options, report);
        var skus = await StockedProducts.SkusAsync(shop, MeasuredLoad.SkusOnAnOrdinaryDay + options.Runs, cancellationToken);
        var ordinarySkus = skus[..MeasuredLoad.SkusOnAnOrdinaryDay];
        await StockedProducts.FillAsync(shop, ordinarySkus, MeasuredLoad.Plenty, cancellationToken);
        var slugs = await StockedProducts.SlugsAsync(shop, MeasuredLoad.SkusOnAnOrdinaryDay, cancellationToken);

        // Of ten requests of an ordinary day four look at a list, four at a product, and two buy.
        WorkloadShare[] ordinary =
        [
            new(4, RequestTemplate.Get("list", "/api/v1/products?pageSize=24")),
            new(4, [.. slugs.Select(slug => RequestTemplate.Get("detail", $"/api/v1/products/{slug}"))]),
            new(2, [.. ordinarySkus.Select(sku => RequestTemplate.Order(Ordinary, sku))]),
        ];
        await load.WarmUpAsync(new Workload(ordinary), cancellationToken);

        var rate = options.Rate ?? DefaultBaseRate;
        if (options.Watched)
            await WarmUpPagesAsync(shop, load, new Workload(ordinary), rate, options, cancellationToken);
        var table = new TextTable(
            "run", "time", "requests/s", "p50 ms", "p95 ms", "p99 ms", "max ms", "p95 orders ms", "p95 refused ms", "no answer or 5xx");
        var watching = WatchingBuyers.Table;
        var sales = new TextTable("run", "pieces", "wanted", "answered 202", "answered 409", "otherwise", "sold by the database");
        var runs = new JsonArray();
        var good = true;
        for (var run = 1; run <= options.Runs; run++)
        {
            var sku = skus[MeasuredLoad.SkusOnAnOrdinaryDay + run - 1];
            await StockedProducts.FillAsync(shop, [sku], MeasuredLoad.Plenty, cancellationToken);
            await load.RestAsync(Rest, cancellationToken);
            // As in life the sale is announced before it begins: whoever waits for it comes at that moment, and the gate knows it by then.
            var startsAt = DateTimeOffset.UtcNow + OrdinaryTime + Announced;
            await FlashSale.PlanAsync(shop, sku, Pieces, startsAt, cancellationToken);
            report.Say($"  run {run} of {options.Runs}: an ordinary day at {rate:0}/s");
            await using var watchers = options.Watched ? new WatchingBuyers(shop) : null;
            var before = await RunAsync(load, new Workload(ordinary), rate, OrdinaryTime, options, cancellationToken);
            await UntilAsync(startsAt, cancellationToken);
            report.Say($"  the sale of {sku}: {rate * TimesAsMuch:0}/s");
            var rush = new Workload(
            [
                .. ordinary.Select(share => share with { Weight = share.Weight / ordinary.Sum(each => each.Weight) * (1 - WantedShare) }),
                new WorkloadShare(WantedShare, RequestTemplate.Order(Wanted, sku)),
            ]);
            var during = await RunAsync(load, rush, rate * TimesAsMuch, options.Window ?? DefaultRush, options, cancellationToken);
            var sold = await FlashSale.SoldAsync(shop, sku, cancellationToken);

            var name = run.ToString(CultureInfo.InvariantCulture);
            AddTo(table, name, "ordinary", before.Load);
            AddTo(table, name, "sale", during.Load);
            var (accepted, refused) = (during.Load.Count(Wanted, 202), during.Load.Count(Wanted, 409));
            var wanted = during.Load.Outcomes.Where(outcome => outcome.Key.Kind == Wanted).Sum(outcome => outcome.Value.Count);
            sales.Add(
                name, Figure.Count(Pieces), Figure.Count(wanted), Figure.Count(accepted), Figure.Count(refused),
                Figure.Count(wanted - accepted - refused), Figure.Count(sold));
            if (watchers is not null)
            {
                good &= await watchers.FinishAsync(watching, name, Rest);
                foreach (var failure in watchers.Failures)
                    report.Say($"  {failure}");
            }

            good &= sold == Pieces && accepted == Pieces && Broken(before.Load) + Broken(during.Load) == 0;
            runs.Add(new JsonObject
            {
                ["ordinary"] = ToJson(before),
                ["sale"] = ToJson(during),
                ["accepted"] = accepted,
                ["refused"] = refused,
                ["sold"] = sold,
            });
        }

        report.Show("By the clock: latency counts from when a request was due", table);
        report.Show("The sale", sales);
        if (options.Watched)
            report.Show("Everybody who bought follows the order on its page", watching);
        report.Conclude(good
            ? $"Sold exactly {Pieces} pieces each time, and every request had its answer."
            : "NOT exactly the pieces were sold, or requests failed.");
        good &= await load.AuditAsync(Rest, cancellationToken);
        report.Figures["runs"] = runs;
        DrawMedians(report, runs);
        await report.SaveAsync(cancellationToken);
        return good;
    }

    /// <summary>Pages and streams are as new to their processes as the API was before its own warm-up.</summary>
    private static async Task WarmUpPagesAsync(
        ShopTopology shop, MeasuredLoad load, Workload ordinary, double rate, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        await load.RestAsync(Rest, cancellationToken);
        await using var watchers = new WatchingBuyers(shop);
        await RunAsync(load, ordinary, rate, OrdinaryTime, options, cancellationToken);
        await watchers.FinishAsync(WatchingBuyers.Table, "", Rest);
    }

    private static Task UntilAsync(DateTimeOffset moment, CancellationToken cancellationToken)
    {
        var rest = moment - DateTimeOffset.UtcNow;
        return rest > TimeSpan.Zero ? Task.Delay(rest, cancellationToken) : Task.CompletedTask;
    }

    private static Task<LoadWindow> RunAsync(
        MeasuredLoad load, Workload workload, double rate, TimeSpan duration, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var connections = options.Connections is [var chosen, ..] ? chosen : DefaultConnections;
        var plan = new LoadPlan(load.Servers, connections, duration, workload) { Rate = rate };
        return load.MeasureAsync(plan, success: 202, cancellationToken);
    }

    private static void AddTo(TextTable table, string run, string time, LoadResult load)
    {
        var all = load.Latencies((_, _) => true);
        table.Add(
            run, time, Figure.Count(load.Outcomes.Values.Sum(outcome => outcome.InTime) / load.Duration.TotalSeconds),
            Figure.Milliseconds(all.Percentile(0.50)), Figure.Milliseconds(all.Percentile(0.95)), Figure.Milliseconds(all.Percentile(0.99)),
            Figure.Milliseconds(all.Max), Figure.Milliseconds(load.Latencies(202).Percentile(0.95)),
            Figure.Milliseconds(load.Latencies(409).Percentile(0.95)), Figure.Count(Broken(load)));
    }

    private static long Broken(LoadResult load) =>
        load.Outcomes.Where(outcome => outcome.Key.Status >= 500).Sum(outcome => outcome.Value.Count) + load.Errors.Values.Sum();

    private static JsonObject ToJson(LoadWindow window)
    {
        var all = window.Load.Latencies((_, _) => true);
        return new JsonObject
        {
            ["requestsPerSecond"] = Figure.Rounded(
                window.Load.Outcomes.Values.Sum(outcome => outcome.InTime) / window.Load.Duration.TotalSeconds),
            ["p50Milliseconds"] = Figure.Rounded(all.Percentile(0.50).TotalMilliseconds),
            ["p95Milliseconds"] = Figure.Rounded(all.Percentile(0.95).TotalMilliseconds),
            ["p99Milliseconds"] = Figure.Rounded(all.Percentile(0.99).TotalMilliseconds),
            ["maxMilliseconds"] = Figure.Rounded(all.Max.TotalMilliseconds),
            ["p95RefusedMilliseconds"] = Figure.Rounded(window.Load.Latencies(409).Percentile(0.95).TotalMilliseconds),
            ["broken"] = Broken(window.Load),
            ["answers"] = new JsonObject(window.Load.Outcomes.OrderBy(outcome => outcome.Key).Select(outcome =>
                KeyValuePair.Create($"{outcome.Key.Kind} {outcome.Key.Status}", (JsonNode?)outcome.Value.Count))),
            ["errors"] = new JsonObject(window.Load.Errors.Select(error => KeyValuePair.Create(error.Key, (JsonNode?)error.Value))),
            ["processors"] = new JsonObject(window.Cost.ProcessorTime.OrderBy(time => time.Key, StringComparer.Ordinal).Select(time =>
                KeyValuePair.Create(time.Key, (JsonNode?)Math.Round(time.Value / window.Cost.Duration, 3)))),
        };
    }

    private static void DrawMedians(Report report, JsonArray runs)
    {
        double Median(string time, string figure) => Figure.Median(runs.Select(run => run![time]![figure]!.GetValue<double>()));
        string[] figures = ["p50Milliseconds", "p95Milliseconds", "p99Milliseconds", "p95RefusedMilliseconds"];
        report.Draw("", new Chart("Latency of all requests, from when they were due", "", "ms")
            .Bars(
                ["p50", "p95", "p99", "p95 refused"],
                ("ordinary day", [.. figures.Select(figure => Median("ordinary", figure))]),
                ("during the sale", [.. figures.Select(figure => Median("sale", figure))]))
            .ToString());
    }
}
