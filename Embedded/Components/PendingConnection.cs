namespace Embedded.Components;

/// <summary>
/// A connection that the container makes when first asked, and that takes its time over it. Health checks wait for it
/// here without blocking, all for the same attempt, and no longer than they may.
/// </summary>
internal sealed class PendingConnection<T>(Func<T> resolve) where T : class
{
    private readonly Lock _lock = new();
    private Task<T>? _attempt;

    public Task<T> GetAsync(CancellationToken cancellationToken)
    {
        Task<T> attempt;
        lock (_lock)
        {
            if (_attempt is null or { IsFaulted: true } or { IsCanceled: true })
                _attempt = Task.Run(resolve, CancellationToken.None);
            attempt = _attempt;
        }

        return attempt.WaitAsync(cancellationToken);
    }
}
