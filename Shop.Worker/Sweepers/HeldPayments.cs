using Shop.Infrastructure.Ordering;
using Shop.Infrastructure.Payments;

namespace Shop.Worker.Sweepers;

/// <summary>Takes the money that is held for orders which were confirmed long ago: a hold is let go of after some days.</summary>
internal sealed class HeldPayments(
    OverdueOrders orders,
    OverduePayments payments,
    PaymentProcessor processor,
    ParallelProviderCalls calls,
    IOptions<SweeperOptions> options,
    TimeProvider time) : Sweeper
{
    public const string SweeperName = "held-payments";

    public override string Name => SweeperName;

    public override TimeSpan Interval => options.Value.Interval;

    public override async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var held = await payments.ListHeldAsync(
            time.GetUtcNow() - options.Value.StuckAfter, options.Value.BatchSize, cancellationToken);
        var confirmed = await orders.WhichStandAsync([.. held], cancellationToken);
        var (repaired, _) = await calls.AskAsync(confirmed, async (orderId, stop) =>
        {
            await processor.CaptureAsync(orderId, PaymentSource.Poll, stop);
            return true;
        }, cancellationToken);
        return repaired;
    }
}
