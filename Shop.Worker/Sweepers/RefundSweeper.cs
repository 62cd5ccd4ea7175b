using Shop.Domain.Payments;
using Shop.Infrastructure.Ordering;
using Shop.Infrastructure.Payments;

namespace Shop.Worker.Sweepers;

/// <summary>
/// Gives back the money of orders that are off, when the event that should have done it got lost, and tells orders that their
/// money went back, when that event did.
/// </summary>
internal sealed class RefundSweeper(
    OverdueOrders overdueOrders,
    OverduePayments overduePayments,
    PaymentStore store,
    PaymentProcessor processor,
    OrderTransitions orders,
    ParallelProviderCalls calls,
    IOptions<SweeperOptions> options,
    TimeProvider time,
    ILogger<RefundSweeper> logger) : Sweeper
{
    public const string SweeperName = "owed-refunds";

    /// <summary>
    /// Orders that were cancelled before they were paid stay in the list for good, and so do refunds; in time there are many. A sweep
    /// looks at so many pages of each, and the next one goes on from there.
    /// </summary>
    private const int PagesPerSweep = 10;

    private Guid _off = Guid.Empty;
    private OverduePayments.Place _refunded = OverduePayments.Place.Start;

    public override string Name => SweeperName;

    public override TimeSpan Interval => options.Value.Interval;

    public override async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var repaired = 0;
        for (var (page, more) = (0, true); more && page < PagesPerSweep; page++)
        {
            (var given, more) = await GiveBackAsync(cancellationToken);
            repaired += given;
        }

        for (var (page, more) = (0, true); more && page < PagesPerSweep; page++)
        {
            (var told, more) = await TellRefundedAsync(cancellationToken);
            repaired += told;
        }

        return repaired;
    }

    /// <summary>A page of orders that are off.</summary>
    private async Task<(int Repaired, bool More)> GiveBackAsync(CancellationToken cancellationToken)
    {
        var limit = options.Value.BatchSize;
        var off = await overdueOrders.ListOffAsync(
            time.GetUtcNow() - options.Value.StuckAfter, _off, limit, cancellationToken);
        var payments = await Task.WhenAll(
            off.Select(order => store.FindAsync(new(order.OrderId, order.PaymentAttempt), cancellationToken)));
        var owed = off.Zip(payments)
            .Where(pair => pair.Second is { Status: PaymentStatus.Pending or PaymentStatus.Authorized or PaymentStatus.Paid });
        var refunded = off.Zip(payments).Where(pair => pair.Second is { Status: PaymentStatus.Refunded }).Select(pair => pair.Second!.Key);

        var told = await TellAsync(refunded, cancellationToken);
        var (given, _) = await calls.AskAsync(owed, async (pair, stop) =>
        {
            var (order, payment) = pair;
            await processor.CancelAsync(payment!.Key, order.Reason, PaymentSource.Poll, stop);
            logger.PaymentEnded(order.OrderId, payment.Status);
            return true;
        }, cancellationToken);
        _off = off.Count < limit ? Guid.Empty : off[^1].OrderId;
        return (told + given, off.Count == limit);
    }

    /// <summary>
    /// A page of refunds. Their orders may have stood until then, and the provider gave the money back by itself: no other list has them.
    /// </summary>
    private async Task<(int Repaired, bool More)> TellRefundedAsync(CancellationToken cancellationToken)
    {
        var limit = options.Value.BatchSize;
        var refunded = await overduePayments.ListRefundedAsync(
            time.GetUtcNow() - options.Value.StuckAfter, _refunded, limit, cancellationToken);
        var unaware = await overdueOrders.WhichAreNotRefundedAsync(
            [.. refunded.Select(payment => payment.Key.OrderId)], cancellationToken);
        var told = await TellAsync(refunded.Select(payment => payment.Key).Where(key => unaware.Contains(key.OrderId)), cancellationToken);
        _refunded = refunded.Count < limit ? OverduePayments.Place.Start : refunded[^1];
        return (told, refunded.Count == limit);
    }

    private async Task<int> TellAsync(IEnumerable<PaymentKey> refunded, CancellationToken cancellationToken)
    {
        var outcomes = await Task.WhenAll(
            refunded.Select(key => orders.RefundAsync(key.OrderId, key.Attempt, messageId: null, cancellationToken)));
        return outcomes.Count(outcome => outcome is TransitionOutcome.Changed);
    }
}
