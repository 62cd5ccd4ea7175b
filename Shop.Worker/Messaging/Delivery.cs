using System.Buffers.Binary;
using RabbitMQ.Client;

namespace Shop.Worker.Messaging;

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
