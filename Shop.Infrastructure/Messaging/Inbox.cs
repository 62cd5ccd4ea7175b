using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Shop.Infrastructure.Messaging;

/// <summary>Makes the effect of a message happen once, however often the broker delivers it.</summary>
public sealed class Inbox(IServiceScopeFactory scopes, TimeProvider time)
{
    /// <summary>Notes messages as handled by a consumer, in the transaction of their effects. Returns the ids of those that weren't yet.</summary>
    public static void AddNote(NpgsqlBatch batch, string consumer, Guid[] messageIds, DateTimeOffset now) => batch.Add("""
        INSERT INTO messaging.inbox (consumer, message_id, handled_at) SELECT $1, id, $3 FROM unnest($2::uuid[]) AS message (id) ORDER BY id
        ON CONFLICT DO NOTHING RETURNING message_id
        """, consumer, messageIds, now);

    /// <summary>
    /// Runs <paramref name="effect"/> in a transaction that also notes the message as handled by this consumer.
    /// If it is noted already, nothing runs.
    /// </summary>
    /// <returns>Whether the effect ran.</returns>
    public async Task<bool> OnceAsync(
        string consumer,
        Guid messageId,
        Func<IServiceProvider, CancellationToken, Task> effect,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(effect);
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ShopDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);

        var connection = await db.OpenAsync(cancellationToken);
        await using var note = connection.Sql(
            "INSERT INTO messaging.inbox (consumer, message_id, handled_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            consumer, messageId, time.GetUtcNow());
        if (await note.ExecuteNonQueryAsync(cancellationToken) == 0)
            return false;

        await effect(scope.ServiceProvider, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>Adds to a batch of statements: which of these messages the consumer has handled. The result is a column of their ids.</summary>
    public static void AddLookup(NpgsqlBatch batch, string consumer, Guid[] messageIds) =>
        batch.Add("SELECT message_id FROM messaging.inbox WHERE consumer = $1 AND message_id = ANY ($2)", consumer, messageIds);
}
