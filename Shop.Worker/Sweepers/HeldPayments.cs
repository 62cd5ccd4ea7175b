using Microsoft.Extensions.Options;
using Shop.Infrastructure.Ordering;
using Shop.Infrastructure.Payments;

namespace Shop.Worker.Sweepers;

/// <summary>Takes the money that is held for orders which were confirmed long ago: a hold is let go of after some days.</summary>
internal sealed class HeldPayments(
    IServiceScopeFactory scopes, Cashier cashier, ProviderQuestions questions, IOptions<SweeperOptions> options, TimeProvider time) : Sweeper
{
    public const string SweeperName = "held-payments";

    public override string Name => SweeperName;

    public override TimeSpan Interval => options.Value.Interval;

    public override async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var held = await scope.ServiceProvider.GetRequiredService<OverduePayments>().ListHeldAsync(
            time.GetUtcNow() - options.Value.StuckAfter, options.Value.BatchSize, cancellationToken);
        var confirmed = await scope.ServiceProvider.GetRequiredService<OverdueOrders>().WhichStandAsync([.. held], cancellationToken);
        var (mended, _) = await questions.AskAsync(confirmed, async (orderId, stop) =>
        {
            await cashier.CaptureAsync(orderId, PaymentSource.Question, stop);
            return true;
        }, cancellationToken);
        return mended;
    }
}
