using System.Diagnostics.Metrics;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Shop.Worker.Telemetry;

/// <summary>Reads the gauge of what waits in RabbitMQ's queues, on a channel that it keeps.</summary>
internal sealed class QueueDepths([FromKeyedServices(BrokerConnection.Consuming)] BrokerConnection broker) : IAsyncDisposable
{
    private IChannel? _channel;

    /// <summary>For one caller at a time.</summary>
    /// <exception cref="RabbitMQClientException">RabbitMQ can't be asked now.</exception>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        var channel = await OpenAsync(cancellationToken);
        var depths = new List<Measurement<long>>(BrokerTopology.ConsumedQueues.Count);
        foreach (var queue in BrokerTopology.ConsumedQueues)
        {
            var declared = await channel.QueueDeclarePassiveAsync(queue, cancellationToken);
            depths.Add(new(declared.MessageCount, MessagingTelemetry.Of(queue)));
        }

        MessagingTelemetry.QueueDepth.Set([.. depths]);
    }

    public async ValueTask DisposeAsync()
    {
        var channel = _channel;
        _channel = null;
        try
        {
            if (channel is not null)
                await channel.DisposeAsync();
        }
        catch (Exception lost) when (lost is RabbitMQClientException or IOException or TimeoutException or OperationCanceledException)
        {
            // It was closed by the other side already, or the broker doesn't answer: it is gone either way.
        }
    }

    private async Task<IChannel> OpenAsync(CancellationToken cancellationToken)
    {
        if (_channel is { IsOpen: true } open)
            return open;
        await DisposeAsync();
        var connection = await broker.GetAsync(cancellationToken);
        _channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        // Asking for a queue that isn't there yet would cost the channel.
        await BrokerTopology.DeclareAsync(_channel, cancellationToken);
        return _channel;
    }
}
