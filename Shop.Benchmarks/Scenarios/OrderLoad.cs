using System.Net;
using Shop.Benchmarks.Load;
using Shop.Benchmarks.Reports;
using Shop.Benchmarks.Topology;

namespace Shop.Benchmarks.Scenarios;

/// <summary>Measures how many orders are accepted: a closed loop of customers, each with an order of one piece.</summary>
internal sealed class OrderLoad(ShopTopology shop, BenchmarkOptions options, Report report)
{
    /// <summary>An ordinary day's spread.</summary>
    public const int SkusOnAnOrdinaryDay = 100;

    /// <summary>More than any window can sell.</summary>
    public const int Plenty = 100_000_000;

    /// <summary>Until the services' code has been compiled for good and their pools are full.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);

    private const int ConnectionsOfWarmUp = 32;

    /// <summary>What all customers load.</summary>
    public IPEndPoint Server => shop.Endpoint(options.Gateway ? "webfrontend" : "apiservice");

    /// <summary>Orders of one piece each, of SKUs that don't run out.</summary>
    public async Task<Workload> ForAsync(int skus, CancellationToken cancellationToken)
    {
        var chosen = await Shelf.SkusAsync(shop, skus, cancellationToken);
        await Shelf.FillAsync(shop, chosen, Plenty, cancellationToken);
        return Workload.Of([.. chosen.Select(sku => RequestTemplate.Order("order", sku))]);
    }

    public async Task WarmUpAsync(Workload workload, CancellationToken cancellationToken)
    {
        report.Say($"  warming up for {WarmUp.TotalSeconds:0} s");
        await LoadGenerator.RunAsync(new LoadPlan(Server, ConnectionsOfWarmUp, WarmUp, workload), cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>One measured window.</summary>
    public async Task<OrderWindow> MeasureAsync(Workload workload, int connections, TimeSpan window, CancellationToken cancellationToken)
    {
        var meter = await Cost.BeginAsync(shop, cancellationToken);
        var load = await LoadGenerator.RunAsync(new LoadPlan(Server, connections, window, workload), cancellationToken);
        var cost = await meter.StopAsync(load, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        var measured = new OrderWindow(connections, load, cost);
        report.Say($"  {connections,4} connections: {Figure.Count(measured.Rate)} orders/s, p95 {Figure.Milliseconds(measured.P95)} ms{Troubles(load)}");
        return measured;
    }

    private static string Troubles(LoadResult load)
    {
        var others = load.Outcomes.Where(outcome => outcome.Key.Status != 202)
            .Select(outcome => $"{outcome.Value.Count} × {outcome.Key.Status}")
            .Concat(load.Errors.Select(error => $"{error.Value} × {error.Key}")).ToArray();
        return others.Length == 0 ? "" : $" (not accepted: {string.Join(", ", others)})";
    }
}
