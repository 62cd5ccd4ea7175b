using RabbitMQ.Client;
using Shop.Infrastructure.Messaging;

namespace Shop.Worker.Messaging;

/// <summary>A message as it came out of a queue, with memory of its own.</summary>
/// <param name="Queue">The queue it came out of.</param>
/// <param name="Tag">What the broker calls it on this channel.</param>
/// <param name="Type">Its event's type.</param>
/// <param name="MessageId">The event's id; null when it came without.</param>
internal sealed record Delivery(string Queue, ulong Tag, string Type, string? MessageId, IDictionary<string, object?>? Headers, ReadOnlyMemory<byte> Body)
{
    /// <summary>How often handling it has failed before.</summary>
    public int FailedAttempts => (int)Headers.Number(MessageHeaders.Attempts);

    public string? TraceParent => Headers.Text(MessageHeaders.TraceParent);

    /// <summary>Copies what the client will use again for other messages.</summary>
    public static Delivery Copy(string queue, ulong tag, string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body) =>
        new(queue, tag, properties.Type ?? routingKey, properties.MessageId, properties.Headers, body.ToArray());
}
