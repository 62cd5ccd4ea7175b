using Shop.Infrastructure.Ordering;
using Shop.Infrastructure.Payments;

namespace Shop.Worker.Sweepers;

/// <summary>Clears away what only served to recognise something that came twice, when nothing of that age comes any more.</summary>
internal sealed class OldRecords(
    OldInboxNotes inbox, OldIdempotencyKeys keys, OverduePayments payments, DeadLetters letters, IOptions<SweeperOptions> options,
    TimeProvider time) : Sweeper
{
    public const string SweeperName = "old-records";

    /// <summary>Of each kind; a shop that gets more old in a minute is cleared over the night.</summary>
    private const int BatchesPerSweep = 20;

    /// <summary>Longer than an order may stay unpaid: then its card's token is of no use to anybody honest.</summary>
    private static readonly TimeSpan SecretsAreKept = TimeSpan.FromHours(1);

    private delegate Task<int> Delete(DateTimeOffset before, int limit, CancellationToken cancellationToken);

    public override string Name => SweeperName;

    public override TimeSpan Interval => options.Value.ClearingInterval;

    public override async Task<int> SweepAsync(CancellationToken cancellationToken) =>
        await ClearAsync(inbox.DeleteAsync, cancellationToken)
        + await ClearAsync(letters.DeleteAsync, cancellationToken)
        + await letters.HideSecretsAsync(time.GetUtcNow() - SecretsAreKept, options.Value.BatchSize, cancellationToken)
        + await ClearAsync(keys.DeleteAsync, cancellationToken)
        + await ClearAsync(keys.DeleteBasketsAsync, cancellationToken)
        + await ClearAsync(payments.DeleteHandledEventsAsync, cancellationToken);

    private async Task<int> ClearAsync(Delete deleteAsync, CancellationToken cancellationToken)
    {
        var (before, limit, cleared) = (time.GetUtcNow().AddDays(-options.Value.KeepDays), options.Value.BatchSize, 0);
        for (var batch = 0; batch < BatchesPerSweep; batch++)
        {
            var deleted = await deleteAsync(before, limit, cancellationToken);
            cleared += deleted;
            if (deleted < limit)
                break;
        }

        return cleared;
    }
}
