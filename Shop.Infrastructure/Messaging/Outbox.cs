using System.Text.Json.Serialization.Metadata;
using Shop.Contracts;
using Shop.Contracts.Events;

namespace Shop.Infrastructure.Messaging;

/// <summary>
/// Events are written here in the transaction of what caused them, so neither is without the other.
/// The worker's relay publishes them and only then deletes them.
/// </summary>
public static class Outbox
{
    /// <summary>The Postgres channel on which a commit with events in it wakes the relay.</summary>
    public const string Channel = "outbox";

    /// <summary>Adds an event to a batch of statements that run in one transaction.</summary>
    public static void Add<TEvent>(NpgsqlBatch batch, TEvent integrationEvent, DateTimeOffset now)
        where TEvent : IIntegrationEvent =>
        AddRange(batch, [OutboxMessage.Of(integrationEvent, now)]);

    /// <summary>
    /// Adds events to a batch of statements that run in one transaction: one statement and one notification for all; nothing for none.
    /// </summary>
    public static void AddRange(NpgsqlBatch batch, IReadOnlyCollection<OutboxMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        if (messages.Count == 0)
            return;
        batch
            .Add(
                """
                INSERT INTO messaging.outbox (id, type, payload, trace_parent, occurred_at)
                SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
                """,
                messages.Select(message => message.Id).ToArray(),
                messages.Select(message => message.Type).ToArray(),
                messages.Select(message => message.Payload).ToArray(),
                messages.Select(message => message.TraceParent).ToArray(),
                messages.Select(message => message.OccurredAt).ToArray())
            .Add($"NOTIFY {Channel}");
    }
}

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
