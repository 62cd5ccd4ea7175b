namespace Shop.Infrastructure.Payments;

/// <summary>
/// How often a service may be asked again. Retries mend single failures; when everything fails they multiply the load on
/// a service that is down already. So they may only be a share of the first attempts of the last seconds, and a few more,
/// without which a quiet shop could never try again (the idea is described in Google's "Site Reliability Engineering",
/// chapter 21, "Handling Overload", and built into Finagle).
/// </summary>
/// <param name="percent">How many retries a hundred first attempts allow.</param>
/// <param name="minimum">How many retries are allowed in the window anyway.</param>
/// <param name="window">How far back is looked.</param>
public sealed class RetryBudget(int percent, int minimum, TimeSpan window, TimeProvider time)
{
    /// <summary>Into how many pieces the window is cut: it slides by one piece at a time.</summary>
    private const int Pieces = 10;

    private readonly Lock _lock = new();
    private readonly (long Piece, int Attempts, int Retries)[] _counts = new (long, int, int)[Pieces];

    /// <summary>Something is asked for the first time.</summary>
    public void CountAttempt()
    {
        lock (_lock)
            Current().Attempts++;
    }

    /// <returns>Whether it may be asked again; if so, that is counted.</returns>
    public bool TryTakeRetry()
    {
        lock (_lock)
        {
            ref var current = ref Current();
            var (attempts, retries) = (0L, 0L);
            foreach (var count in _counts)
            {
                if (count.Piece <= current.Piece - Pieces)
                    continue;
                attempts += count.Attempts;
                retries += count.Retries;
            }

            if (retries >= minimum + (attempts * percent / 100))
                return false;
            current.Retries++;
            return true;
        }
    }

    private ref (long Piece, int Attempts, int Retries) Current()
    {
        var piece = time.GetUtcNow().UtcTicks / (window.Ticks / Pieces);
        ref var current = ref _counts[piece % Pieces];
        if (current.Piece != piece)
            current = (piece, 0, 0);
        return ref current;
    }
}
