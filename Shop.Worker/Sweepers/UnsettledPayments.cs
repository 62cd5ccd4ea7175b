using Shop.Infrastructure.Payments;

namespace Shop.Worker.Sweepers;

/// <summary>Asks the provider about payments that are pending or being cancelled for long, and settles them as it answers.</summary>
internal sealed class UnsettledPayments(
    OverduePayments payments,
    PaymentReconciliation resolution,
    ParallelProviderCalls calls,
    IOptions<SweeperOptions> options,
    TimeProvider time) : Sweeper
{
    public const string SweeperName = "unsettled-payments";

    /// <summary>
    /// Those that were never charged stay in the list until their orders are cancelled. A sweep looks at so many pages of it.
    /// </summary>
    private const int PagesPerSweep = 10;

    private OverduePayments.Place _place = OverduePayments.Place.Start;

    public override string Name => SweeperName;

    public override TimeSpan Interval => options.Value.Interval;

    public override async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var (limit, repaired) = (options.Value.BatchSize, 0);
        for (var page = 0; page < PagesPerSweep; page++)
        {
            var stuck = await payments.ListUnsettledAsync(
                time.GetUtcNow() - options.Value.StuckAfter, _place, limit, cancellationToken);
            var (settled, isAway) = await calls.AskAsync(
                stuck, async (payment, stop) => await resolution.ResolveAsync(payment.Key, stop) is ReconciledPayment.Settled,
                cancellationToken);
            repaired += settled;
            _place = stuck.Count < limit || isAway ? OverduePayments.Place.Start : stuck[^1];
            if (stuck.Count < limit || isAway)
                break;
        }

        return repaired;
    }
}
