using Shop.Domain.Payments;

namespace Shop.Worker.Sweepers;

/// <summary>Does for many payments what needs the provider for each: some at once, and not much more when the provider is away.</summary>
internal sealed class ParallelProviderCalls(ILogger<ParallelProviderCalls> logger)
{
    /// <summary>So many that a slow provider doesn't take hours for a batch, and so few that customers who pay now don't notice.</summary>
    private const int AtOnce = 8;

    /// <summary>After so many failures in one sweep the provider is away rather than a payment odd; the next sweep asks again.</summary>
    private const int PatienceFailures = 10;

    /// <param name="subjects">What to ask about.</param>
    /// <param name="askAsync">Asks; returns whether something was repaired by it. A <see cref="PaymentProviderException"/> leaves it to the
    /// next sweep.</param>
    /// <returns>How many were repaired, and whether the provider is away, so that asking on makes no sense.</returns>
    public async Task<(int Repaired, bool IsAway)> AskAsync<T>(
        IEnumerable<T> subjects, Func<T, CancellationToken, Task<bool>> askAsync, CancellationToken cancellationToken)
    {
        var (repaired, failures) = (0, 0);
        var limits = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(subjects, limits, async (subject, stop) =>
        {
            if (Volatile.Read(ref failures) >= PatienceFailures)
                return;
            try
            {
                if (await askAsync(subject, stop))
                    Interlocked.Increment(ref repaired);
            }
            catch (PaymentProviderException failure)
            {
                if (Interlocked.Increment(ref failures) == 1)
                    logger.ProviderNotAsked(failure.Message);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                // About this one alone: the others must not wait for it.
                logger.NotResolved(failure, subject?.ToString());
            }
        });
        return (repaired, failures >= PatienceFailures);
    }
}
