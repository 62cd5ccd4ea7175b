using System.Text.Json.Serialization.Metadata;
using Shop.Contracts;
using Shop.Contracts.Events;
using Shop.Infrastructure.Ordering;

namespace Shop.Worker.Messaging;

/// <summary>What a module does with the events its queue hears.</summary>
internal abstract class EventConsumer : IDeliveryHandler
{
    private readonly Dictionary<string, Func<ReadOnlyMemory<byte>, Guid, CancellationToken, Task>> _handlers = [];

    /// <summary>What was begun is finished, also while the worker stops: no deliveries come any more, and the host waits.</summary>
    public Task HandleAsync(Delivery delivery, CancellationToken stopping) =>
        Guid.TryParse(delivery.MessageId, out var messageId)
            ? HandleAsync(delivery.Type, messageId, delivery.Body, CancellationToken.None)
            : throw new UnreadableMessageException("The message has no id.");

    /// <summary>
    /// Handles a message completely: when this returns, its effect is committed. It may be called again with the same message.
    /// </summary>
    /// <exception cref="UnreadableMessageException">Trying again doesn't help: the message is none of ours or broken.</exception>
    public Task HandleAsync(string type, Guid messageId, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        _handlers.TryGetValue(type, out var handle)
            ? handle(body, messageId, cancellationToken)
            : throw new UnreadableMessageException($"Nobody here handles events of type '{type}'.");

    /// <summary>Says what to do with one type of event; called by the constructor.</summary>
    protected void On<TEvent>(Func<TEvent, Guid, CancellationToken, Task> handle)
        where TEvent : IIntegrationEvent =>
        _handlers.Add(TEvent.TypeName, (body, messageId, cancellationToken) =>
        {
            var told = Read<TEvent>(body);
            if (told is IOrderEvent order)
                OrderingTelemetry.Identify(order.OrderId);
            return handle(told, messageId, cancellationToken);
        });

    private static TEvent Read<TEvent>(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body.Span, (JsonTypeInfo<TEvent>)ShopJson.Default.GetTypeInfo(typeof(TEvent))!)
                ?? throw new UnreadableMessageException("The message is empty.");
        }
        catch (JsonException broken)
        {
            throw new UnreadableMessageException($"The message is no {typeof(TEvent).Name}: {broken.Message}", broken);
        }
    }
}
