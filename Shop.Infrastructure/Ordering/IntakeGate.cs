using System.Threading.RateLimiting;

namespace Shop.Infrastructure.Ordering;

/// <summary>
/// Lets so many orders at once to the database as it can work on; the others wait their turn here, where waiting costs
/// no connection. When everybody wants the same SKU they would only wait for its row's lock there.
/// </summary>
public sealed class IntakeGate : IDisposable
{
    /// <summary>More transactions at once only wait for each other: for two cores' fsyncs and locks this is plenty.</summary>
    private const int AtOnce = 16;

    /// <summary>Whoever comes when so many wait would wait too long for an answer.</summary>
    private const int Waiting = 2000;

    private readonly ConcurrencyLimiter _limiter = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = AtOnce,
        QueueLimit = Waiting,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    /// <returns>A place; it is given back by disposing it.</returns>
    /// <exception cref="IntakeFullException">Too many wait already.</exception>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        var lease = await _limiter.AcquireAsync(1, cancellationToken);
        if (lease.IsAcquired)
            return lease;
        lease.Dispose();
        throw new IntakeFullException();
    }

    public void Dispose() => _limiter.Dispose();
}
