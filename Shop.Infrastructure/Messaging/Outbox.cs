using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Npgsql;
using Shop.Contracts;
using Shop.Contracts.Events;

namespace Shop.Infrastructure.Messaging;

/// <summary>
/// Events are written here in the transaction of what caused them, so neither is without the other.
/// The worker's relay publishes them and only then deletes them.
/// </summary>
public sealed class Outbox(ShopDbContext db, TimeProvider time)
{
    /// <summary>The Postgres channel on which a commit with events in it wakes the relay.</summary>
    public const string Channel = "outbox";

    /// <summary>Adds an event to the transaction that <paramref name="db"/> is in.</summary>
    public async Task AddAsync<TEvent>(TEvent integrationEvent, CancellationToken cancellationToken)
        where TEvent : IIntegrationEvent
    {
        var connection = await db.OpenAsync(cancellationToken);
        await using var batch = connection.CreateBatch();
        Add(batch, integrationEvent, time.GetUtcNow());
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Adds an event to a batch of statements that run in one transaction.</summary>
    public static void Add<TEvent>(NpgsqlBatch batch, TEvent integrationEvent, DateTimeOffset now)
        where TEvent : IIntegrationEvent =>
        batch
            .Add(
                "INSERT INTO messaging.outbox (id, type, payload, trace_parent, occurred_at) VALUES ($1, $2, $3, $4, $5)",
                Guid.CreateVersion7(now),
                TEvent.TypeName,
                JsonSerializer.Serialize(integrationEvent, (JsonTypeInfo<TEvent>)ShopJson.Default.GetTypeInfo(typeof(TEvent))!),
                Activity.Current?.Id,
                now)
            .Add($"NOTIFY {Channel}");
}
