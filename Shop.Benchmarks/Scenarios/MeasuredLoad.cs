using Shop.Benchmarks.Chaos;
using Shop.Benchmarks.Load;
using Shop.Domain.Inventory;

namespace Shop.Benchmarks.Scenarios;

/// <summary>Loads a shop and measures what it takes.</summary>
internal sealed class MeasuredLoad(ShopTopology shop, BenchmarkOptions options, Report report)
{
    /// <summary>An ordinary day's spread.</summary>
    public const int SkusOnAnOrdinaryDay = 100;

    /// <summary>More than any window can sell.</summary>
    public const int Plenty = StockLimit.MaxOnHand;

    /// <summary>What hours of orders take to be settled.</summary>
    public static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(60);

    /// <summary>
    /// Until the services' code has been compiled for good, nearly, and their pools are full: after 5 s up to an eighth of the API's
    /// processor time is still the compiler's.
    /// </summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(15);

    /// <summary>A second: the compiler counts calls and waits for time to pass, and all orders have to be settled in the end.</summary>
    private const double RateOfWarmUp = 2_000;

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(250);

    private const int ConnectionsOfWarmUp = 32;

    private bool _workerStopped;

    /// <summary>What all customers load.</summary>
    public IReadOnlyList<IPEndPoint> Servers => options.Gateway ? [shop.Gateway] : shop.Api;

    /// <summary>Orders of one piece each, of SKUs that don't run out.</summary>
    public async Task<Workload> ForAsync(int skus, CancellationToken cancellationToken)
    {
        var chosen = await StockedProducts.SkusAsync(shop, skus, cancellationToken);
        await StockedProducts.FillAsync(shop, chosen, Plenty, cancellationToken);
        return Workload.Of([.. chosen.Select(sku => RequestTemplate.Order("order", sku))]);
    }

    public Task WarmUpAsync(Workload workload, CancellationToken cancellationToken) => WarmUpAsync(Servers, workload, cancellationToken);

    public async Task WarmUpAsync(IReadOnlyList<IPEndPoint> servers, Workload workload, CancellationToken cancellationToken)
    {
        report.Say($"  warming up for {WarmUp.TotalSeconds:0} s");
        var plan = new LoadPlan(servers, ConnectionsOfWarmUp, WarmUp, workload) { Rate = RateOfWarmUp };
        await LoadGenerator.RunAsync(plan, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Waits until no order is being settled and no event waits to be published.</summary>
    /// <param name="within">How long.</param>
    /// <exception cref="TimeoutException">There still are some.</exception>
    public async Task RestAsync(TimeSpan within, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        using var pulse = new PeriodicTimer(LookAgain);
        while (await shop.AskAsync<long>("SELECT count(*) FROM ordering.orders WHERE status = 'Processing'", cancellationToken)
            + await shop.AskAsync<long>("SELECT count(*) FROM messaging.outbox", cancellationToken) is var left and > 0)
        {
            if (Stopwatch.GetElapsedTime(start) > within)
                throw new TimeoutException($"After {within.TotalMinutes:0} minutes {left} orders and events are still not settled.");
            await pulse.WaitForNextTickAsync(cancellationToken);
        }
    }

    /// <summary>Orders are accepted, and no worker takes part of the machine to settle them, until <see cref="AuditAsync"/>.</summary>
    public async Task StopWorkerAsync(CancellationToken cancellationToken)
    {
        await shop.CommandAsync("worker", "stop", cancellationToken);
        _workerStopped = true;
    }

    /// <summary>Lets the shop come to rest, the worker at work, then holds its whole database against the rules.</summary>
    /// <returns>Whether everything fits.</returns>
    public async Task<bool> AuditAsync(TimeSpan within, CancellationToken cancellationToken)
    {
        if (_workerStopped)
        {
            report.Say("  the worker settles what was accepted");
            await shop.CommandAsync("worker", "start", cancellationToken);
            _workerStopped = false;
        }

        await RestAsync(within, cancellationToken);
        var findings = await Audit.RunAsync(shop, cancellationToken);
        report.Conclude(findings.Count == 0 ? "Audit of the whole database afterwards: nothing found." : string.Join('\n', findings));
        return findings.Count == 0;
    }

    /// <summary>One measured window.</summary>
    public Task<LoadWindow> MeasureAsync(Workload workload, int connections, TimeSpan window, CancellationToken cancellationToken) =>
        MeasureAsync(Servers, workload, connections, window, cancellationToken);

    public Task<LoadWindow> MeasureAsync(
        IReadOnlyList<IPEndPoint> servers, Workload workload, int connections, TimeSpan window, CancellationToken cancellationToken) =>
        MeasureAsync(new LoadPlan(servers, connections, window, workload), success: 202, cancellationToken);

    /// <param name="plan">The load.</param>
    /// <param name="success">The status that is the point.</param>
    public async Task<LoadWindow> MeasureAsync(LoadPlan plan, int success, CancellationToken cancellationToken)
    {
        var meter = await Cost.BeginAsync(shop, cancellationToken);
        var load = await LoadGenerator.RunAsync(plan, cancellationToken);
        var cost = await meter.StopAsync(load, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        var measured = new LoadWindow(plan.Connections, success, load, cost);
        report.Say($"  {plan.Connections,4} connections: {Figure.Count(measured.Rate)}/s, "
            + $"p95 {Figure.Milliseconds(measured.P95)} ms{Others(load, success)}");
        return measured;
    }

    private static string Others(LoadResult load, int success)
    {
        var others = load.Outcomes.Where(outcome => outcome.Key.Status != success)
            .Select(outcome => $"{outcome.Value.Count} × {outcome.Key.Status}")
            .Concat(load.Errors.Select(error => $"{error.Value} × {error.Key}")).ToArray();
        return others.Length == 0 ? "" : $" (others: {string.Join(", ", others)})";
    }
}
