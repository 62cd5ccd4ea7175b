using System.Runtime.CompilerServices;
using Shop.Contracts.Ordering;
using Shop.Infrastructure.Messaging;
using Shop.Infrastructure.Ordering;

namespace Shop.ApiService.Ordering;

/// <summary>Tells of an order's changes as they are committed, whichever process made them.</summary>
internal sealed class OrderWatch(DatabaseSignals signals, IServiceScopeFactory scopes, IHostApplicationLifetime lifetime)
{
    /// <summary>How long to wait when no signal comes: signals are lost while their connection is.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);

    /// <summary>The order's status now and after each change, until nothing more happens to it by itself.</summary>
    public async IAsyncEnumerable<OrderStatusChanged> ChangesAsync(Guid orderId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A replica that stops ends its streams at once; the browser goes on at another one.
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        using var changed = new SemaphoreSlim(0);
        var id = orderId.ToString();
        void Wake(string channel, string payload)
        {
            if (channel == OrderTransitions.Channel && payload.Contains(id, StringComparison.Ordinal))
                changed.Release();
        }

        signals.Received += Wake;
        try
        {
            OrderStatusChanged? last = null;
            while (true)
            {
                if (await StatusAsync(orderId, cancellationToken) is not { } current)
                    yield break;
                if (current.Status != last?.Status)
                    yield return last = current;
                if (current.Final)
                    yield break;
                await ((Task)changed.WaitAsync(LookAgain, ends.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (ends.IsCancellationRequested)
                    yield break;
            }
        }
        finally
        {
            signals.Received -= Wake;
        }
    }

    /// <summary>In a scope of its own, so that a watcher holds no connection while it waits.</summary>
    private async Task<OrderStatusChanged?> StatusAsync(Guid orderId, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<OrderQueries>().StatusAsync(orderId, cancellationToken);
    }
}
