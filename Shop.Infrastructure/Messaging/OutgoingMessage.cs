using RabbitMQ.Client;

namespace Shop.Infrastructure.Messaging;

/// <summary>What is to be published.</summary>
/// <param name="Exchange">Empty for the default exchange, where <paramref name="RoutingKey"/> is a queue's name.</param>
/// <param name="TraceParent">The trace it belongs to (W3C Trace Context); it arrives in the header of that name.</param>
public readonly record struct OutgoingMessage(
    string Exchange, string RoutingKey, BasicProperties Properties, ReadOnlyMemory<byte> Body, string? TraceParent);

/// <summary>What became of it.</summary>
public enum PublishOutcome
{
    /// <summary>The channel was lost before the broker said anything; it may be in a queue or not.</summary>
    Unknown,

    /// <summary>Every queue it belongs in holds it, on disk.</summary>
    Confirmed,

    /// <summary>There is no queue for it.</summary>
    Unroutable,

    /// <summary>A queue refused it.</summary>
    Refused,
}
