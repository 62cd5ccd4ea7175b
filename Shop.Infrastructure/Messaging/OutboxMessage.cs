using System.Text.Json.Serialization.Metadata;
using Shop.Contracts;
using Shop.Contracts.Events;

namespace Shop.Infrastructure.Messaging;

/// <summary>
/// An event on its way into the outbox. Made where its cause is handled, so that it carries that trace and not its batch's.
/// </summary>
/// <param name="Payload">The event as JSON.</param>
/// <param name="TraceParent">The W3C <c>traceparent</c> of the cause; null outside any trace.</param>
public sealed record OutboxMessage(Guid Id, string Type, string Payload, string? TraceParent, DateTimeOffset OccurredAt)
{
    /// <summary>An event caused by what is going on right now.</summary>
    public static OutboxMessage Of<TEvent>(TEvent integrationEvent, DateTimeOffset now)
        where TEvent : IIntegrationEvent =>
        Of(integrationEvent, now, Activity.Current?.Id);

    /// <summary>An event caused by something that was taken note of earlier, with the trace it had.</summary>
    public static OutboxMessage Of<TEvent>(TEvent integrationEvent, DateTimeOffset now, string? traceParent)
        where TEvent : IIntegrationEvent => new(
            Guid.CreateVersion7(now),
            TEvent.TypeName,
            JsonSerializer.Serialize(integrationEvent, (JsonTypeInfo<TEvent>)ShopJson.Default.GetTypeInfo(typeof(TEvent))!),
            traceParent,
            now);
}
