using Microsoft.Extensions.Options;
using Shop.Domain.Payments;
using Shop.Infrastructure.Ordering;
using Shop.Infrastructure.Payments;

namespace Shop.Worker.Sweepers;

/// <summary>
/// Gives back the money of orders that are off, when the event that should have done it got lost, and tells orders that their
/// money went back, when that event did.
/// </summary>
internal sealed class MoneyOwed(
    IServiceScopeFactory scopes,
    PaymentLedger ledger,
    Cashier cashier,
    OrderTransitions orders,
    ProviderQuestions questions,
    IOptions<SweeperOptions> options,
    TimeProvider time,
    ILogger<MoneyOwed> logger) : Sweeper
{
    public const string SweeperName = "money-owed";

    /// <summary>
    /// Orders that were cancelled before they were paid stay in the list for good, and in time there are many: a sweep looks at
    /// so many pages of them, and the next one goes on from there.
    /// </summary>
    private const int PagesPerSweep = 10;

    /// <summary>How far back refunds are looked at that their orders may not have heard of: longer than any outage that anybody sits out.</summary>
    private static readonly TimeSpan RefundsLookedAt = TimeSpan.FromDays(2);

    private Guid _place = Guid.Empty;

    public override string Name => SweeperName;

    public override TimeSpan Interval => options.Value.Interval;

    public override async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var limit = options.Value.BatchSize;
        var mended = await TellRefundedAsync(cancellationToken);
        for (var page = 0; page < PagesPerSweep; page++)
        {
            await using var scope = scopes.CreateAsyncScope();
            var off = await scope.ServiceProvider.GetRequiredService<OverdueOrders>().ListOffAsync(
                time.GetUtcNow() - options.Value.StuckAfter, _place, limit, cancellationToken);
            mended += await GiveBackAsync(off, cancellationToken);
            _place = off.Count < limit ? Guid.Empty : off[^1].OrderId;
            if (off.Count < limit)
                break;
        }

        return mended;
    }

    private async Task<int> GiveBackAsync(IReadOnlyList<OverdueOrders.OffOrder> off, CancellationToken cancellationToken)
    {
        var payments = await Task.WhenAll(off.Select(order => ledger.FindAsync(order.OrderId, cancellationToken)));
        var owed = off.Zip(payments).Where(pair => pair.Second is { Status: PaymentStatus.Pending or PaymentStatus.Authorized or PaymentStatus.Paid });
        var told = await TellAsync(
            off.Zip(payments).Where(pair => pair.Second is { Status: PaymentStatus.Refunded }).Select(pair => pair.First.OrderId), cancellationToken);
        return told + await questions.AskAsync(owed, async (pair, stop) =>
        {
            var (order, payment) = pair;
            await cashier.CancelAsync(order.OrderId, order.Reason, PaymentSource.Question, stop);
            logger.LogInformation("Order {OrderId} is off, and its payment, which was still {Payment}, is too now.", order.OrderId, payment!.Status);
            return true;
        }, cancellationToken);
    }

    /// <summary>Orders that stood when their money went back, by the provider's own doing: they are in no list of orders that wait for something.</summary>
    private async Task<int> TellRefundedAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var scope = scopes.CreateAsyncScope();
        var refunded = await scope.ServiceProvider.GetRequiredService<OverduePayments>().ListRefundedAsync(
            now - RefundsLookedAt, now - options.Value.StuckAfter, options.Value.BatchSize, cancellationToken);
        var unaware = await scope.ServiceProvider.GetRequiredService<OverdueOrders>().WhichAreNotRefundedAsync([.. refunded], cancellationToken);
        return await TellAsync(unaware, cancellationToken);
    }

    private async Task<int> TellAsync(IEnumerable<Guid> refunded, CancellationToken cancellationToken)
    {
        var outcomes = await Task.WhenAll(refunded.Select(orderId => orders.RefundAsync(orderId, messageId: null, cancellationToken)));
        return outcomes.Count(outcome => outcome is TransitionOutcome.Changed);
    }
}
