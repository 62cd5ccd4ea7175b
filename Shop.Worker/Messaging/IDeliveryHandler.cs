using System.Buffers.Binary;
using RabbitMQ.Client;

namespace Shop.Worker.Messaging;

/// <summary>What is done with the messages of a queue.</summary>
internal interface IDeliveryHandler
{
    /// <summary>
    /// Handles a message completely: when this returns, its effect is committed. It may be called again with the same message.
    /// </summary>
    /// <param name="delivery">The message.</param>
    /// <param name="stopping">The worker stops; what can't be ended soon may be given back by
    /// <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UnreadableMessageException">Trying again doesn't help: the message is none of ours or broken.</exception>
    Task HandleAsync(Delivery delivery, CancellationToken stopping);
}

/// <summary>A message as it came out of a queue, with memory of its own.</summary>
/// <param name="Queue">The queue it came out of.</param>
/// <param name="Tag">What the broker calls it on this channel.</param>
/// <param name="Type">Its event's type.</param>
/// <param name="MessageId">The event's id; null when it came without.</param>
internal sealed record Delivery(
    string Queue, ulong Tag, string Type, string? MessageId, IDictionary<string, object?>? Headers, ReadOnlyMemory<byte> Body)
{
    private static readonly long LatestMoment = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>How often handling it has failed before.</summary>
    public int FailedAttempts => (int)Headers.Number(MessageHeaders.Attempts);

    /// <summary>
    /// When its event happened, to the millisecond: ids of events hold it (UUID version 7, RFC 9562, section 5.7). Null when the message
    /// has another kind of id.
    /// </summary>
    public DateTimeOffset? OccurredAt
    {
        get
        {
            if (!Guid.TryParse(MessageId, out var id) || id.Version != 7)
                return null;
            Span<byte> bytes = stackalloc byte[16];
            id.TryWriteBytes(bytes, bigEndian: true, out _);
            // The first 48 bits; of somebody else's message they may be more than a DateTimeOffset holds.
            var milliseconds = (long)(BinaryPrimitives.ReadUInt64BigEndian(bytes) >> 16);
            return milliseconds <= LatestMoment ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;
        }
    }

    public string? TraceParent => Headers.Text(MessageHeaders.TraceParent);

    /// <summary>Copies what the client will use again for other messages.</summary>
    public static Delivery Copy(
        string queue, ulong tag, string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body) =>
        new(queue, tag, properties.Type ?? routingKey, properties.MessageId, properties.Headers, body.ToArray());
}

/// <summary>A message that can't be handled however often it is tried.</summary>
internal sealed class UnreadableMessageException(string message, Exception? innerException = null) : Exception(message, innerException);
