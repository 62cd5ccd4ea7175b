using Shop.Infrastructure.Payments;

namespace Shop.Worker.Sweepers;

/// <summary>Asks the provider about payments that are pending or being cancelled for long, and settles them as it answers.</summary>
internal sealed class UnsettledPayments(
    OverduePayments payments,
    PaymentResolution resolution,
    ProviderQuestions questions,
    IOptions<SweeperOptions> options,
    TimeProvider time) : Sweeper
{
    public const string SweeperName = "unsettled-payments";

    public override string Name => SweeperName;

    public override TimeSpan Interval => options.Value.Interval;

    public override async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var (limit, mended, place) = (options.Value.BatchSize, 0, OverduePayments.Place.Start);
        while (true)
        {
            var stuck = await payments.ListUnsettledAsync(
                time.GetUtcNow() - options.Value.StuckAfter, place, limit, cancellationToken);
            var (settled, isAway) = await questions.AskAsync(
                stuck, async (payment, stop) => await resolution.ResolveAsync(payment.Key, stop) is ResolvedPayment.Settled, cancellationToken);
            mended += settled;
            // Those that were never charged stay in the list until their orders are cancelled; the others come behind them.
            if (stuck.Count < limit || isAway)
                return mended;
            place = stuck[^1];
        }
    }
}
