using RabbitMQ.Client;

namespace Shop.Infrastructure.Messaging;

/// <summary>
/// A connection to RabbitMQ that is made when first asked for, and anew when it was lost. It recovers nothing by itself:
/// who publishes or consumes on it opens a fresh channel and so knows for certain what is on it.
/// </summary>
/// <remarks>
/// Publishing and consuming each have one of their own (<see cref="Publishing"/>, <see cref="Consuming"/>). A broker short of
/// memory stops reading from who publishes; on a shared connection it would then not read the acknowledgements either
/// that free its memory.
/// </remarks>
public sealed class BrokerConnection(IConnectionFactory factory, string name) : IAsyncDisposable
{
    public const string Publishing = "publishing";
    public const string Consuming = "consuming";

    private readonly SemaphoreSlim _opening = new(1, 1);
    private IConnection? _connection;
    private volatile string? _blocked;

    /// <summary>Why the broker takes no messages at present (an alarm for memory or disk); null when it does.</summary>
    public string? Blocked => _blocked;

    /// <exception cref="RabbitMQ.Client.Exceptions.BrokerUnreachableException">The broker isn't there.</exception>
    public async ValueTask<IConnection> GetAsync(CancellationToken cancellationToken)
    {
        if (_connection is { IsOpen: true } open)
            return open;
        await _opening.WaitAsync(cancellationToken);
        try
        {
            if (_connection is { IsOpen: true } meanwhile)
                return meanwhile;
            if (_connection is not null)
                await _connection.DisposeAsync();
            _connection = null;
            _blocked = null;
            var connection = await factory.CreateConnectionAsync($"shop {name}", cancellationToken);
            connection.ConnectionBlockedAsync += (_, blocked) =>
            {
                _blocked = blocked.Reason;
                return Task.CompletedTask;
            };
            connection.ConnectionUnblockedAsync += (_, _) =>
            {
                _blocked = null;
                return Task.CompletedTask;
            };
            return _connection = connection;
        }
        finally
        {
            _opening.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync();
        _opening.Dispose();
    }
}
