using System.Runtime.CompilerServices;
using Shop.Contracts.Ordering;
using Shop.Infrastructure.Messaging;
using Shop.Infrastructure.Ordering;

namespace Shop.ApiService.Ordering;

/// <summary>Tells of an order's changes as they are committed, whichever process made them.</summary>
internal sealed class OrderWatch : IDisposable
{
    /// <summary>How long to wait when no signal comes: signals are lost while their connection is.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);

    /// <summary>By order, what completes at its next change; all who watch the order wait for the same.</summary>
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> _changes = [];

    private readonly DatabaseSignals _signals;
    private readonly OrderQueries _orders;
    private readonly IHostApplicationLifetime _lifetime;

    public OrderWatch(DatabaseSignals signals, OrderQueries orders, IHostApplicationLifetime lifetime)
    {
        (_signals, _orders, _lifetime) = (signals, orders, lifetime);
        _signals.Received += Hear;
    }

    public void Dispose() => _signals.Received -= Hear;

    /// <summary>The order's status now and after each change, until nothing more happens to it by itself.</summary>
    public async IAsyncEnumerable<OrderStatusChanged> ChangesAsync(Guid orderId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A replica that stops ends its streams at once; the browser goes on at another one.
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _lifetime.ApplicationStopping);
        OrderStatusChanged? last = null;
        while (true)
        {
            // Before the look: what changes after it completes this.
            var change = _changes.GetOrAdd(orderId, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            if (await _orders.StatusAsync(orderId, cancellationToken) is not { } current)
            {
                _changes.TryRemove(KeyValuePair.Create(orderId, change));
                yield break;
            }

            if (current.Status != last?.Status)
                yield return last = current;
            if (current.Final)
            {
                _changes.TryRemove(KeyValuePair.Create(orderId, change));
                yield break;
            }

            await change.Task.WaitAsync(LookAgain, ends.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // Whoever waits on looks again at the top and makes a new one; this one is not kept for an order that nobody watches any more.
            _changes.TryRemove(KeyValuePair.Create(orderId, change));
            change.TrySetResult();
            if (ends.IsCancellationRequested)
                yield break;
        }
    }

    private void Hear(string channel, string payload)
    {
        if (channel != OrderTransitions.Channel || _changes.IsEmpty)
            return;
        foreach (var range in payload.AsSpan().Split(','))
        {
            if (Guid.TryParse(payload.AsSpan()[range], out var orderId) && _changes.TryRemove(orderId, out var change))
                change.TrySetResult();
        }
    }
}
