using Shop.Infrastructure.Payments;

namespace Shop.Worker.Sweepers;

/// <summary>Handles what the provider told by webhook and nobody has handled.</summary>
internal sealed class UnhandledProviderEvents(
    OverduePayments payments,
    ProviderEventHandler handler,
    ParallelProviderCalls calls,
    IOptions<SweeperOptions> options,
    TimeProvider time) : Sweeper
{
    public const string SweeperName = "unhandled-provider-events";

    public override string Name => SweeperName;

    public override TimeSpan Interval => options.Value.Interval;

    public override async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var unhandled = await payments.ListUnhandledEventsAsync(
            now - options.Value.StuckAfter, options.Value.BatchSize, cancellationToken);
        var (repaired, _) = await calls.AskAsync(unhandled, async (providerEvent, stop) =>
        {
            await handler.HandleAsync(providerEvent, Guid.CreateVersion7(now), stop);
            return true;
        }, cancellationToken);
        return repaired;
    }
}
