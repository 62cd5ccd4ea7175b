using Npgsql;
using RabbitMQ.Client.Exceptions;

namespace Shop.Benchmarks.Chaos;

/// <summary>
/// Breaks a running shop while customers order, waits until the dust has settled, and checks that nothing was lost, sold
/// twice or charged twice.
/// </summary>
public sealed class ChaosHarness : IDisposable
{
    /// <summary>Of API and worker: one is left when one dies.</summary>
    internal const int Replicas = 2;

    private const int Skus = 20;
    private const int PiecesOfOrdinarySku = 1_000_000;

    /// <summary>SKUs that sell out during the load, so that refusals are among the answers.</summary>
    private const int ScarceSkus = 3;

    private const int PiecesOfScarceSku = 40;
    private const int OrdersSentAgainAtOnce = 8;
    private const int AttemptsToSendAgain = 5;

    /// <summary>In shares of the load's time.</summary>
    private const double EarliestFault = 0.2;

    private const double LatestFault = 0.6;

    /// <summary>A shop that hasn't settled by then doesn't.</summary>
    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(120);

    /// <summary>Customers don't give up before that when nothing is accepted.</summary>
    private static readonly TimeSpan RecoveryLimit = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(500);

    /// <summary>So long orders go on after a process that hung goes on.</summary>
    private static readonly TimeSpan AfterTheHang = TimeSpan.FromSeconds(3);

    /// <summary>How many instances of each resource there are.</summary>
    private static readonly (string Name, int Instances)[] Resources =
        [("postgres", 1), ("messaging", 1), ("cache", 1), ("apiservice", Replicas), ("worker", Replicas), ("webfrontend", 1)];

    private readonly ShopTopology _shop;
    private readonly Action<string> _say;
    private readonly HttpClient _http;
    private readonly ChaosChecks _checks;
    private readonly string _run = Guid.NewGuid().ToString("N")[..8];
    private string[] _skus = [];

    /// <param name="shop">Started with <see cref="OptionsWith"/>.</param>
    /// <param name="say">Told how far it is.</param>
    public ChaosHarness(ShopTopology shop, Action<string> say)
    {
        ArgumentNullException.ThrowIfNull(shop);
        (_shop, _say) = (shop, say);
        _http = shop.Client("webfrontend");
        _http.Timeout = Timeout.InfiniteTimeSpan;
        _checks = new ChaosChecks(shop, new MailFolder(shop.Mail));
    }

    /// <summary>How the shop must be started: whoever has no second card is cancelled within the round.</summary>
    /// <param name="settings">Beyond that.</param>
    public static TopologyOptions OptionsWith(IReadOnlyDictionary<string, string>? settings = null) => new()
    {
        ApiReplicas = Replicas,
        WorkerReplicas = Replicas,
        Settings = new Dictionary<string, string>(settings ?? new Dictionary<string, string>())
        {
            ["Ordering__Payment__PayWithin"] = "00:00:10",
        },
    };

    /// <summary>
    /// Fills the shelves, and sees that orders go all the way: what has worked once can be expected to work again. (A queue of
    /// RabbitMQ 3.10 whose broker dies in the moment of its first declaration may never come up.)
    /// </summary>
    /// <exception cref="TimeoutException">They don't, though nothing was done to the shop.</exception>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        _skus = await StockedProducts.SkusAsync(_shop, Skus, cancellationToken);
        await StockedProducts.FillAsync(_shop, _skus[ScarceSkus..], PiecesOfOrdinarySku, cancellationToken);
        await StockedProducts.FillAsync(_shop, _skus[..ScarceSkus], PiecesOfScarceSku, cancellationToken);
        var prefix = $"chaos-{_run}-0-";
        var load = new ChaosLoad(_http, prefix, _skus, seed: 0);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        over.CancelAfter(TimeSpan.FromSeconds(1));
        await load.RunAsync(over.Token, cancellationToken);
        var (settled, broken, _) = await SettleAsync(load, prefix, cancellationToken);
        if (settled is null)
            throw new TimeoutException($"Orders don't settle, and nothing was done to the shop: {string.Join("; ", broken)}");
    }

    /// <summary>One round.</summary>
    /// <param name="number">From 1; no two rounds of a shop have the same.</param>
    /// <param name="fault">What to do.</param>
    /// <param name="time">How long to order.</param>
    /// <param name="random">Draws the moment, the orders and the cards.</param>
    public async Task<ChaosRound> RunAsync(int number, Fault fault, TimeSpan time, Random random, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(fault);
        ArgumentNullException.ThrowIfNull(random);
        var prefix = string.Create(CultureInfo.InvariantCulture, $"chaos-{_run}-{number}-");
        var load = new ChaosLoad(_http, prefix, _skus, random.Next());
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var begun = Stopwatch.GetTimestamp();
        var ordering = load.RunAsync(over.Token, cancellationToken);
        await Task.Delay(time * (EarliestFault + random.NextDouble() * (LatestFault - EarliestFault)), cancellationToken);
        var broke = Stopwatch.GetTimestamp();
        await DoAsync(fault, cancellationToken);
        var left = time - Stopwatch.GetElapsedTime(begun);
        await Task.Delay(fault.Hangs || left < TimeSpan.Zero ? AfterTheHang : left, cancellationToken);
        while (load.FirstSuccessAfter(broke) is null && Stopwatch.GetElapsedTime(broke) < RecoveryLimit)
            await Task.Delay(LookAgain, cancellationToken);
        await over.CancelAsync();
        await ordering;
        _say($"    {load.Orders.Count} orders; the dust settles");

        var (settled, broken, stored) = await SettleAsync(load, prefix, cancellationToken);
        var recovered = load.FirstSuccessAfter(broke);
        var unheard = load.Orders.Count(order => order.AcceptedAs is null && stored.ContainsKey(order.Email));
        var refused = load.Orders.Count(order => order is { AcceptedAs: null, WasRefused: true });
        var troubles = load.Troubles.ToDictionary();
        broken.AddRange(await SendAgainAsync(load, stored, cancellationToken));
        return new ChaosRound(
            number, fault, load.Orders.Count,
            load.Orders.Count(order => order.AcceptedAs is not null), load.Orders.Count(order => order.IsPaidAgain), refused, troubles,
            unheard, recovered, settled,
            load.Orders.Count(order => order.CardIsGood && stored.TryGetValue(order.Email, out var found) && found.Status == "Cancelled"),
            broken);
    }

    public void Dispose() => _http.Dispose();

    private async Task DoAsync(Fault fault, CancellationToken cancellationToken)
    {
        var victims = new List<ResourceEvent>();
        foreach (var target in fault.Targets)
        {
            var instances = await _shop.App.InstancesAsync(target.Resource, cancellationToken);
            victims.Add(instances.ElementAtOrDefault(target.Replica) ?? throw new ShopFailedException($"{target} doesn't run."));
        }

        if (!fault.Hangs)
        {
            victims.ForEach(AppProcesses.Kill);
            return;
        }

        victims.ForEach(AppProcesses.Suspend);
        try
        {
            await Task.Delay(Fault.HangsFor, cancellationToken);
        }
        finally
        {
            victims.ForEach(AppProcesses.Resume);
        }
    }

    /// <summary>Waits until all is healthy, nothing is under way any more, and everything fits.</summary>
    private async Task<(TimeSpan? After, List<string> Broken, Dictionary<string, (Guid Id, string Status)> Stored)> SettleAsync(
        ChaosLoad load, string prefix, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var stored = new Dictionary<string, (Guid Id, string Status)>();
        List<string> broken;
        using var pulse = new PeriodicTimer(LookAgain);
        do
        {
            // What the checks themselves take doesn't count.
            var after = Stopwatch.GetElapsedTime(start);
            try
            {
                broken = await UnsettledAsync(cancellationToken);
                if (broken.Count == 0)
                    (broken, stored) = await _checks.RunAsync(load.Orders, prefix, cancellationToken);
                if (broken.Count == 0)
                    broken.AddRange(await Audit.RunAsync(_shop, cancellationToken));
            }
            catch (Exception away) when (away is NpgsqlException or BrokerUnreachableException or OperationInterruptedException
                or HttpRequestException or IOException)
            {
                broken = [$"a server is away: {away.Message}"];
                // Connections to a server that was killed must not be mistaken for the server.
                _shop.Database.Clear();
            }

            if (broken.Count == 0)
                return (after, broken, stored);
            await pulse.WaitForNextTickAsync(cancellationToken);
        }
        while (Stopwatch.GetElapsedTime(start) < SettleLimit);

        return (null, broken, stored);
    }

    /// <returns>What is still under way; empty when the shop is at rest.</returns>
    private async Task<List<string>> UnsettledAsync(CancellationToken cancellationToken)
    {
        var unsettled = new List<string>();
        foreach (var (name, count) in Resources)
        {
            var instances = await _shop.App.InstancesAsync(name, cancellationToken);
            if (instances.Count < count)
                unsettled.Add($"of {name} {instances.Count} of {count} run");
            foreach (var instance in instances)
            {
                if (!await _shop.IsHealthyAsync(instance, cancellationToken))
                    unsettled.Add($"{instance.ResourceId} is not healthy");
            }
        }

        if (unsettled.Count > 0)
            return unsettled;
        if (await _shop.AskAsync<long>(
            "SELECT count(*) FROM ordering.orders WHERE status = 'Processing'", cancellationToken) is var processing and > 0)
            unsettled.Add($"{processing} orders are processing");
        if (await _shop.AskAsync<long>("SELECT count(*) FROM messaging.outbox", cancellationToken) is var outbox and > 0)
            unsettled.Add($"{outbox} messages are in the outbox");
        await using var broker = await Broker.ConnectAsync(_shop, cancellationToken);
        if (await broker.DepthAsync(cancellationToken) is var queued and > 0)
            unsettled.Add($"{queued} messages are in the queues");
        return unsettled;
    }

    /// <summary>Each customer whose order exists asks again with the same key: the answer must be that order.</summary>
    private static async Task<IReadOnlyList<string>> SendAgainAsync(
        ChaosLoad load, Dictionary<string, (Guid Id, string Status)> stored, CancellationToken cancellationToken)
    {
        var broken = new System.Collections.Concurrent.ConcurrentBag<string>();
        await Parallel.ForEachAsync(
            load.Orders.Where(order => stored.ContainsKey(order.Email)),
            new ParallelOptions { MaxDegreeOfParallelism = OrdersSentAgainAtOnce, CancellationToken = cancellationToken },
            async (order, token) =>
            {
                var (unheard, id) = (order.AcceptedAs is null, stored[order.Email].Id);
                for (var attempt = 1; !await load.SendAsync(order, token); attempt++)
                {
                    if (attempt == AttemptsToSendAgain)
                    {
                        broken.Add($"key {order.Key} of order {id} had no answer when it was sent again, {AttemptsToSendAgain} times");
                        return;
                    }

                    await Task.Delay(LookAgain, token);
                }

                if (order.LastAnswer != id)
                {
                    broken.Add($"key {order.Key} was sent again and answered {order.LastAnswer?.ToString() ?? "with a refusal"} instead of "
                        + $"order {id}{(unheard ? ", whose customer had seen only troubles" : "")}");
                }
            });
        return [.. broken];
    }
}
