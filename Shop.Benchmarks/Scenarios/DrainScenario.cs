using Shop.Benchmarks.Load;

namespace Shop.Benchmarks.Scenarios;

/// <summary>From accepted to confirmed: many orders as fast as possible, and how long until all of them are settled.</summary>
internal static class DrainScenario
{
    private const int DefaultConnections = 64;
    private const int WarmUpOrders = 2_000;

    private static readonly TimeSpan SampleEvery = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(5);

    /// <summary>Ten times what was asked of it.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private static readonly Dictionary<string, string> SlowProvider = new() { ["Payments__Simulated__Latency"] = "00:00:00.050" };

    public static async Task<bool> RunAsync(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var report = new Report("drain", options);
        report.Say("drain: starting the shop");
        await using var shop = await ShopTopology.StartAsync(
            new TopologyOptions
            {
                ApiReplicas = options.ApiReplicas,
                WorkerReplicas = options.WorkerReplicas,
                Settings = SlowProvider.Concat(options.Settings).GroupBy(setting => setting.Key)
                    .ToDictionary(setting => setting.Key, setting => setting.Last().Value),
            },
            cancellationToken);
        await using var broker = await Broker.ConnectAsync(shop, cancellationToken);
        var load = new MeasuredLoad(shop, options, report);
        var workload = await load.ForAsync(MeasuredLoad.SkusOnAnOrdinaryDay, cancellationToken);
        var connections = options.Connections is [var chosen, ..] ? chosen : DefaultConnections;

        report.Say($"  warming up with {WarmUpOrders} orders");
        var plan = new LoadPlan(load.Servers, connections, Limit, workload);
        await DrainAsync(shop, broker, report, plan with { MostRequests = WarmUpOrders }, cancellationToken);

        var results = new List<DrainResult>();
        for (var run = 1; run <= options.Runs; run++)
        {
            var result = await DrainAsync(shop, broker, report, plan with { MostRequests = options.Orders }, cancellationToken);
            report.Say($"  run {run} of {options.Runs}: {Figure.Count(result.EndToEnd)} orders/s end to end, "
                + $"empty {Figure.Seconds(result.EmptyAfter)} s after the last answer");
            results.Add(result);
        }

        Tell(report, results, options);
        var fits = await load.AuditAsync(Limit, cancellationToken);
        await report.SaveAsync(cancellationToken);
        var dead = await shop.AskAsync<long>("SELECT count(*) FROM messaging.dead_letters", cancellationToken);
        if (dead > 0)
            report.Say($"{dead} messages ended as dead letters.");
        return fits && dead == 0 && results.TrueForAll(result => result.Confirmed == result.Accepted && result.Accepted == options.Orders);
    }

    private static async Task<DrainResult> DrainAsync(
        ShopTopology shop, Broker broker, Report report, LoadPlan plan, CancellationToken cancellationToken)
    {
        var lastBefore = await shop.AskAsync<long>("SELECT coalesce(max(number), 0) FROM ordering.orders", cancellationToken);
        var start = Stopwatch.GetTimestamp();
        var meter = await Cost.BeginAsync(shop, cancellationToken);
        var loading = LoadGenerator.RunAsync(plan, cancellationToken);
        var samples = new List<DrainSample>();
        TimeSpan? answered = null;
        var settledWhenAnswered = 0L;
        var told = TimeSpan.Zero;
        using var pulse = new PeriodicTimer(SampleEvery);
        while (true)
        {
            var sample = new DrainSample(
                Stopwatch.GetElapsedTime(start),
                await shop.AskAsync<long>("SELECT count(*) FROM ordering.orders WHERE status = 'Processing'", cancellationToken),
                await shop.AskAsync<long>("SELECT count(*) FROM messaging.outbox", cancellationToken),
                await broker.DepthAsync(cancellationToken),
                ProcessTimes.Now().ResidentBytes);
            samples.Add(sample);
            if (sample.At >= told + TellEvery)
            {
                told = sample.At;
                report.Say($"  after {told.TotalSeconds,3:0} s: {Figure.Count(sample.Unsettled)} orders unsettled, "
                    + $"{Figure.Count(sample.Outbox)} messages in the outbox, {Figure.Count(sample.Queued)} in the queues");
            }

            if (answered is null && loading.IsCompleted)
            {
                answered = sample.At;
                settledWhenAnswered = await ConfirmedAsync(shop, lastBefore, cancellationToken);
            }

            if (answered is not null && sample is { Unsettled: 0, Outbox: 0, Queued: 0 })
                break;
            if (sample.At > Limit)
            {
                throw new TimeoutException($"After {Limit.TotalMinutes:0} minutes {sample.Unsettled} orders, "
                    + $"{sample.Outbox} messages in the outbox and {sample.Queued} in the queues are still there.");
            }

            await pulse.WaitForNextTickAsync(cancellationToken);
        }

        var result = await loading;
        var cost = await meter.StopAsync(result, cancellationToken);
        var confirmed = await ConfirmedAsync(shop, lastBefore, cancellationToken);
        var first = await shop.AskAsync<DateTime>(
            "SELECT min(placed_at) FROM ordering.orders WHERE number > $1", cancellationToken, lastBefore);
        var last = await shop.AskAsync<DateTime>(
            "SELECT max(h.at) FROM ordering.history h JOIN ordering.orders o ON o.id = h.order_id WHERE o.number > $1",
            cancellationToken, lastBefore);
        return new DrainResult(
            result.Count(202), confirmed, confirmed / (last - first).TotalSeconds,
            (confirmed - settledWhenAnswered) / Math.Max(SampleEvery.TotalSeconds, (last - first - answered.Value).TotalSeconds),
            result.RatePerSecond(202), samples[^1].At - answered.Value, samples, cost);
    }

    private static Task<long> ConfirmedAsync(ShopTopology shop, long lastBefore, CancellationToken cancellationToken) =>
        shop.AskAsync<long>(
            "SELECT count(*) FROM ordering.orders WHERE number > $1 AND status = 'Confirmed'", cancellationToken, lastBefore);

    private static void Tell(Report report, List<DrainResult> results, BenchmarkOptions options)
    {
        var table = new TextTable(
            "run", "accepted", "confirmed", "orders/s end to end", "orders/s accepted meanwhile", "orders/s only draining",
            "peak outbox", "peak queues", "empty after last answer, s");
        foreach (var (index, result) in results.Index())
        {
            table.Add(
                $"{index + 1}", Figure.Count(result.Accepted), Figure.Count(result.Confirmed), Figure.Count(result.EndToEnd),
                Figure.Count(result.AcceptedRate), Figure.Count(result.OnlyDraining), Figure.Count(result.PeakOutbox),
                Figure.Count(result.PeakQueued), Figure.Seconds(result.EmptyAfter));
        }

        report.Show($"{Figure.Count(options.Orders)} orders from acceptance to confirmation", table);
        report.Conclude($"Median: {Figure.Count(Figure.Median(results.Select(result => result.EndToEnd)))} orders/s end to end.");

        var memory = new TextTable("process", "first run begins, MiB", "largest, MiB", "last run ends, MiB");
        foreach (var process in results[0].Samples[0].ResidentBytes.Keys.Where(name => name != "other").Order(StringComparer.Ordinal))
        {
            memory.Add(
                process,
                Figure.MebiBytes(results[0].Samples[0].ResidentBytes[process]),
                Figure.MebiBytes(results.SelectMany(result => result.Samples)
                    .Max(sample => sample.ResidentBytes.GetValueOrDefault(process))),
                Figure.MebiBytes(results[^1].Samples[^1].ResidentBytes.GetValueOrDefault(process)));
        }

        report.Show("Resident memory (postgres counts its shared buffers in each of its processes)", memory);

        var processors = new TextTable("process", "processors in use", "µs an order");
        var cost = results[^1].Cost;
        foreach (var (process, time) in cost.ProcessorTime.OrderByDescending(time => time.Value))
        {
            processors.Add(
                process, (time / cost.Duration).ToString("0.00", System.Globalization.CultureInfo.InvariantCulture),
                Figure.Count(time.TotalMicroseconds / results[^1].Accepted));
        }

        report.Show("Processors in use in the last run", processors);
        var waits = cost.Waits.OrderByDescending(wait => wait.Value).Take(6).Select(wait => $"{wait.Key} {Figure.Decimal(wait.Value)}");
        report.Conclude($"PostgreSQL in the last run: {Figure.MebiBytes(cost.WalBytes / cost.Duration.TotalSeconds)} MiB/s of WAL, "
            + $"{Figure.Count(cost.WalSyncs / cost.Duration.TotalSeconds)} fsyncs/s; sessions at work: {string.Join(", ", waits)}.");

        report.Figures["ordersPerSecondEndToEnd"] = Figure.Rounded(Figure.Median(results.Select(result => result.EndToEnd)));
        report.Figures["runs"] = new JsonArray([.. results.Select(result => result.ToJson())]);
        var samples = results[^1].Samples;
        report.Draw("", new Chart("What waits while orders are settled", "seconds since the first order", "orders, messages")
            .Line("unsettled orders", samples.Select(sample => (sample.At.TotalSeconds, (double)sample.Unsettled)))
            .Line("outbox", samples.Select(sample => (sample.At.TotalSeconds, (double)sample.Outbox)))
            .Line("queues", samples.Select(sample => (sample.At.TotalSeconds, (double)sample.Queued))).ToString());
        report.Draw("-memory", new Chart("Memory while orders are settled", "seconds since the first order", "resident MiB")
            .Line("API", samples.Select(sample => (sample.At.TotalSeconds, MebiBytes(sample, "apiservice"))))
            .Line("worker", samples.Select(sample => (sample.At.TotalSeconds, MebiBytes(sample, "worker")))).ToString());
    }

    private static double MebiBytes(DrainSample sample, string service) =>
        sample.ResidentBytes.GetValueOrDefault(service) / 1024.0 / 1024;
}
