using Shop.Infrastructure.Ordering;

namespace Shop.Worker.Sweepers;

/// <summary>
/// Tells orders that wait for long what became of their payments. Those whose payment is still open wait on, until their reservation
/// expires.
/// </summary>
internal sealed class UnsettledOrders(
    OverdueOrders orders, OrderPaymentReconciler payments, IOptions<SweeperOptions> options, TimeProvider time) : Sweeper
{
    public const string SweeperName = "unsettled-orders";

    /// <summary>
    /// Orders that wait rightly stay in the list. A sweep looks at so many pages of it, and the next one goes on from there.
    /// </summary>
    private const int PagesPerSweep = 10;

    private OverdueOrders.Place _place = OverdueOrders.Place.Start;

    public override string Name => SweeperName;

    public override TimeSpan Interval => options.Value.Interval;

    public override async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var (limit, repaired) = (options.Value.BatchSize, 0);
        for (var page = 0; page < PagesPerSweep; page++)
        {
            var waiting = await orders.ListUnsettledAsync(
                time.GetUtcNow() - options.Value.StuckAfter, _place, limit, cancellationToken);
            repaired += await payments.ReconcileAllAsync(waiting.Select(order => order.OrderId), tooLate: null, cancellationToken);
            _place = waiting.Count < limit ? OverdueOrders.Place.Start : waiting[^1];
            if (waiting.Count < limit)
                break;
        }

        return repaired;
    }
}
