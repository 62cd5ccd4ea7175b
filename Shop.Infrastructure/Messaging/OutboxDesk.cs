using Shop.Contracts.Messaging;

namespace Shop.Infrastructure.Messaging;

/// <summary>What waits in the outbox, for whoever looks after it.</summary>
public sealed class OutboxDesk(ShopDbContext db, TimeProvider time)
{
    private const int MostParkedShown = 100;

    public async Task<OutboxState> StateAsync(CancellationToken cancellationToken)
    {
        var connection = await db.OpenAsync(cancellationToken);
        await using var batch = connection.CreateBatch();
        batch.Add("SELECT count(*), min(occurred_at) FROM messaging.outbox WHERE parked_at IS NULL");
        batch.Add("SELECT count(*) FROM messaging.outbox WHERE parked_at IS NOT NULL");
        batch.Add("""
            SELECT id, type, queue, attempts, last_error, occurred_at, parked_at, convert_to(payload, 'UTF8')
            FROM messaging.outbox WHERE parked_at IS NOT NULL ORDER BY id LIMIT $1
            """, MostParkedShown);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var depth = reader.GetInt64(0);
        double? oldest = reader.IsDBNull(1) ? null : (time.GetUtcNow() - reader.GetFieldValue<DateTimeOffset>(1)).TotalSeconds;
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var parkedCount = reader.GetInt64(0);
        await reader.NextResultAsync(cancellationToken);
        var parked = new List<ParkedEvent>();
        while (await reader.ReadAsync(cancellationToken))
        {
            parked.Add(new ParkedEvent(
                reader.GetGuid(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2), reader.GetInt32(3),
                reader.IsDBNull(4) ? null : reader.GetString(4), reader.GetFieldValue<DateTimeOffset>(5), reader.GetFieldValue<DateTimeOffset>(6),
                ShownPayload.Of(reader.GetFieldValue<byte[]>(7))));
        }

        return new OutboxState(depth, oldest, parkedCount, parked);
    }

    /// <summary>How much waits, for meters: without what it is.</summary>
    public async Task<MessagingBacklog> BacklogAsync(CancellationToken cancellationToken)
    {
        var connection = await db.OpenAsync(cancellationToken);
        await using var query = connection.Sql("""
            SELECT (SELECT count(*) FROM messaging.outbox WHERE parked_at IS NULL),
                   (SELECT min(occurred_at) FROM messaging.outbox WHERE parked_at IS NULL),
                   (SELECT count(*) FROM messaging.dead_letters WHERE resent_at IS NULL AND discarded_at IS NULL)
            """);
        await using var reader = await query.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var age = reader.IsDBNull(1) ? TimeSpan.Zero : time.GetUtcNow() - reader.GetFieldValue<DateTimeOffset>(1);
        return new MessagingBacklog(reader.GetInt64(0), age > TimeSpan.Zero ? age : TimeSpan.Zero, reader.GetInt64(2));
    }

    /// <summary>Lets a parked event be tried again, as if for the first time.</summary>
    /// <returns>False when no such event is parked.</returns>
    public async Task<bool> ReleaseAsync(Guid id, CancellationToken cancellationToken)
    {
        var connection = await db.OpenAsync(cancellationToken);
        await using var batch = connection.CreateBatch();
        batch.Add("UPDATE messaging.outbox SET parked_at = NULL, attempts = 0, next_attempt_at = '-infinity' WHERE id = $1 AND parked_at IS NOT NULL", id);
        batch.Add($"NOTIFY {Outbox.Channel}");
        return await batch.ExecuteNonQueryAsync(cancellationToken) > 0;
    }
}
