using RabbitMQ.Client;

namespace Shop.Worker.Messaging;

/// <summary>
/// Moves a message that failed to where it belongs next: a queue where it waits for its next attempt, or the dead letters.
/// The broker has confirmed the move when these return, so the message may be acknowledged where it came from.
/// </summary>
internal sealed class Redelivery(
    [FromKeyedServices(BrokerConnection.Publishing)] BrokerConnection broker, IOptions<ConsumerOptions> options,
    TimeProvider time) : IAsyncDisposable
{
    private readonly IReadOnlyList<TimeSpan> _delays = options.Value.DelaysInUse;
    private readonly SemaphoreSlim _opening = new(1, 1);
    private ConfirmingChannel? _channel;

    /// <summary>Gives the message back to its queue after a delay.</summary>
    /// <param name="delivery">The message.</param>
    /// <param name="attempts">How often it has failed by now, from 1.</param>
    /// <param name="delay">How long it waits: one of <see cref="ConsumerOptions.DelaysInUse"/>.</param>
    /// <param name="reason">Why it failed.</param>
    /// <exception cref="IOException">It couldn't be moved.</exception>
    public Task RetryLaterAsync(Delivery delivery, int attempts, TimeSpan delay, string reason) =>
        MoveAsync(delivery, BrokerTopology.RetryExchange(delay), Headers(delivery, attempts, reason));

    /// <summary>Gives it up: it goes to the dead letters.</summary>
    /// <exception cref="IOException">It couldn't be moved.</exception>
    public Task DeadLetterAsync(Delivery delivery, int attempts, string reason)
    {
        var headers = Headers(delivery, attempts, reason);
        headers[MessageHeaders.DiedIn] = delivery.Queue;
        headers[MessageHeaders.DiedAt] = MessageHeaders.Written(time.GetUtcNow());
        return MoveAsync(delivery, BrokerTopology.DeadLetters, headers);
    }

    public async ValueTask DisposeAsync()
    {
        if (_channel is not null)
            await _channel.DisposeAsync();
        _opening.Dispose();
    }

    private async Task MoveAsync(Delivery delivery, string exchange, Dictionary<string, object?> headers)
    {
        var properties = new BasicProperties
        {
            MessageId = delivery.MessageId,
            Type = delivery.Type,
            ContentType = "application/json",
            DeliveryMode = DeliveryModes.Persistent,
            Headers = headers,
        };
        var channel = await OpenAsync();
        var outcome = (await channel.PublishAsync(
            [new OutgoingMessage(exchange, delivery.Queue, properties, delivery.Body, delivery.TraceParent)]))[0];
        if (outcome is PublishOutcome.Unroutable)
        {
            // Somebody deleted the queue; the next channel declares it again.
            await channel.DisposeAsync();
        }

        if (outcome is not PublishOutcome.Confirmed)
            throw new IOException($"RabbitMQ didn't take it into {exchange} ({outcome}).");
    }

    private async Task<ConfirmingChannel> OpenAsync()
    {
        if (_channel is { IsOpen: true } open)
            return open;
        await _opening.WaitAsync();
        try
        {
            if (_channel is { IsOpen: true } meanwhile)
                return meanwhile;
            if (_channel is not null)
                await _channel.DisposeAsync();
            var channel = await ConfirmingChannel.OpenAsync(await broker.GetAsync(CancellationToken.None), CancellationToken.None);
            try
            {
                await BrokerTopology.DeclareAsync(channel.Channel, CancellationToken.None);
                await BrokerTopology.DeclareRetriesAsync(channel.Channel, _delays, CancellationToken.None);
            }
            catch
            {
                await channel.DisposeAsync();
                throw;
            }

            return _channel = channel;
        }
        finally
        {
            _opening.Release();
        }
    }

    // Only these: the broker's own x-death would make it take the next wait for a circle and drop the message.
    private Dictionary<string, object?> Headers(Delivery delivery, int attempts, string reason) => new()
    {
        [MessageHeaders.Attempts] = attempts,
        [MessageHeaders.FirstFailedAt] = delivery.Headers.Text(MessageHeaders.FirstFailedAt) ?? MessageHeaders.Written(time.GetUtcNow()),
        [MessageHeaders.Reason] = MessageHeaders.Shortened(reason),
    };
}
