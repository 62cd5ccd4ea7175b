using Microsoft.Extensions.Options;
using Shop.Infrastructure.Payments;

namespace Shop.Worker.Sweepers;

/// <summary>Asks the provider about payments that are pending or being cancelled for long, and settles them as it answers.</summary>
internal sealed class UnsettledPayments(
    PaymentResolution resolution, ProviderQuestions questions, IOptions<SweeperOptions> options, TimeProvider time) : Sweeper
{
    public const string SweeperName = "unsettled-payments";

    public override string Name => SweeperName;

    public override TimeSpan Interval => options.Value.Interval;

    public override async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var stuck = await resolution.ListStuckAsync(time.GetUtcNow() - options.Value.StuckAfter, options.Value.BatchSize, cancellationToken);
        return await questions.AskAsync(
            stuck, async (orderId, stop) => await resolution.ResolveAsync(orderId, stop) is ResolvedPayment.Settled, cancellationToken);
    }
}
