namespace Shop.Infrastructure.Ordering;

/// <summary>Idempotency keys that no client sends any more.</summary>
public sealed class OldIdempotencyKeys(NpgsqlDataSource database)
{
    /// <summary>Deletes keys that were claimed before a moment, the oldest first, so many at most.</summary>
    /// <returns>How many.</returns>
    public async Task<int> DeleteAsync(DateTimeOffset claimedBefore, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var delete = connection.Sql("""
            DELETE FROM ordering.idempotency_keys WHERE key IN (
                SELECT key FROM ordering.idempotency_keys WHERE created_at < $1 ORDER BY created_at LIMIT $2)
            """, claimedBefore, limit);
        return await delete.ExecuteNonQueryAsync(cancellationToken);
    }
}
