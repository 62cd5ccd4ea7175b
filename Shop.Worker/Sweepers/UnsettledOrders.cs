using Shop.Infrastructure.Ordering;

namespace Shop.Worker.Sweepers;

/// <summary>Tells orders that wait for long what became of their payments. Those whose payment is still open wait on, until their reservation expires.</summary>
internal sealed class UnsettledOrders(
    OverdueOrders orders, PaymentNews news, IOptions<SweeperOptions> options, TimeProvider time) : Sweeper
{
    public const string SweeperName = "unsettled-orders";

    public override string Name => SweeperName;

    public override TimeSpan Interval => options.Value.Interval;

    public override async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var (limit, mended, place) = (options.Value.BatchSize, 0, OverdueOrders.Place.Start);
        while (true)
        {
            var waiting = await orders.ListUnsettledAsync(
                time.GetUtcNow() - options.Value.StuckAfter, place, limit, cancellationToken);
            mended += await news.TellAllAsync(waiting.Select(order => order.OrderId), tooLate: null, cancellationToken);
            if (waiting.Count < limit)
                return mended;
            place = waiting[^1];
        }
    }
}
