using Shop.Infrastructure.Inventory;

namespace Shop.Worker.Sweepers;

/// <summary>
/// Cancels orders that weren't paid in time, so that others can have their stock. One that was paid, and only hasn't heard it,
/// is confirmed instead. Money that comes later still goes back, since the order is off by then.
/// </summary>
/// <remarks>
/// This is also the end of an order whose payment never began: the token it would be charged with is in the event alone and
/// stored nowhere else, so an event that got lost can't be told again.
/// </remarks>
internal sealed class ExpiredReservations(
    OverdueReservations reservations, OrderPaymentReconciler payments, IOptions<SweeperOptions> options, TimeProvider time) : Sweeper
{
    public const string SweeperName = "expired-reservations";

    private const string TooLate = "The payment took too long.";

    public override string Name => SweeperName;

    public override TimeSpan Interval => options.Value.ExpiryInterval;

    public override async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var limit = options.Value.BatchSize;
        for (var repaired = 0; ;)
        {
            var overdue = await reservations.ListAsync(time.GetUtcNow(), limit, cancellationToken);
            var changed = await payments.ReconcileAllAsync(overdue, TooLate, cancellationToken);
            repaired += changed;
            // What can't be moved on, because it doesn't fit its order, is the auditor's business: it must not keep this going round.
            if (changed == 0)
                return repaired;
        }
    }
}
