using Shop.Contracts.Messaging;

namespace Shop.Infrastructure.Messaging;

/// <summary>What waits in the outbox, for whoever looks after it.</summary>
public sealed class OutboxAdministration(NpgsqlDataSource database, TimeProvider time)
{
    private const int MostParkedShown = 100;

    /// <summary>Beyond, how many wait exactly isn't worth what counting them costs.</summary>
    private const int MostCounted = 100_000;

    /// <summary>
    /// How many events wait to be published, counted up to 100,000, and for how long the oldest has been waiting; asked every few seconds,
    /// so it reads no more than it must.
    /// </summary>
    public async Task<(long Depth, TimeSpan Age)> BacklogAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var batch = connection.CreateBatch();
        batch.Add("SELECT count(*) FROM (SELECT FROM messaging.outbox WHERE parked_at IS NULL LIMIT $1) AS waiting", MostCounted);
        // Ids grow with time, so the first that was never tried is the oldest of those; of those that were tried there are few.
        batch.Add("""
            SELECT least(
                (SELECT occurred_at FROM messaging.outbox WHERE parked_at IS NULL AND next_attempt_at = '-infinity' ORDER BY id LIMIT 1),
                (SELECT min(occurred_at) FROM messaging.outbox WHERE parked_at IS NULL AND next_attempt_at > '-infinity'))
            """);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var depth = reader.GetInt64(0);
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var age = reader.IsDBNull(0) ? TimeSpan.Zero : time.GetUtcNow() - reader.GetFieldValue<DateTimeOffset>(0);
        return (depth, age > TimeSpan.Zero ? age : TimeSpan.Zero);
    }

    public async Task<OutboxState> StateAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
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
        var parked = await reader.RowsAsync(row => new ParkedEvent(
                row.GetGuid(0), row.GetString(1), row.GetStringOrNull(2), row.GetInt32(3),
                row.GetStringOrNull(4), row.GetFieldValue<DateTimeOffset>(5),
                row.GetFieldValue<DateTimeOffset>(6),
                RedactedPayload.Of(row.GetFieldValue<byte[]>(7))), cancellationToken);
        return new OutboxState(depth, oldest, parkedCount, parked);
    }

    /// <summary>Lets a parked event be tried again, as if for the first time.</summary>
    /// <returns>False when no such event is parked.</returns>
    public async Task<bool> ReleaseAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var batch = connection.CreateBatch();
        batch.Add("UPDATE messaging.outbox SET parked_at = NULL, attempts = 0, next_attempt_at = '-infinity' WHERE id = $1 AND parked_at "
            + "IS NOT NULL", id);
        batch.Add($"NOTIFY {Outbox.Channel}");
        return await batch.ExecuteNonQueryAsync(cancellationToken) > 0;
    }
}
