namespace Shop.Infrastructure.Ordering;

/// <summary>Idempotency keys that no client sends any more, and versions of baskets that are forgotten themselves.</summary>
public sealed class OldIdempotencyKeys(NpgsqlDataSource database)
{
    /// <summary>Deletes what is known of baskets that were ordered before a moment, the oldest first, so many at most.</summary>
    /// <returns>How many.</returns>
    public Task<int> DeleteBasketsAsync(DateTimeOffset orderedBefore, int limit, CancellationToken cancellationToken) => RunAsync("""
        DELETE FROM ordering.ordered_baskets WHERE version IN (
            SELECT version FROM ordering.ordered_baskets WHERE created_at < $1 ORDER BY created_at LIMIT $2)
        """, orderedBefore, limit, cancellationToken);

    /// <summary>Deletes keys that were claimed before a moment, the oldest first, so many at most.</summary>
    /// <returns>How many.</returns>
    public Task<int> DeleteAsync(DateTimeOffset claimedBefore, int limit, CancellationToken cancellationToken) => RunAsync("""
        DELETE FROM ordering.idempotency_keys WHERE key IN (
            SELECT key FROM ordering.idempotency_keys WHERE created_at < $1 ORDER BY created_at LIMIT $2)
        """, claimedBefore, limit, cancellationToken);

    private async Task<int> RunAsync(string sql, DateTimeOffset before, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var delete = connection.Sql(sql, before, limit);
        return await delete.ExecuteNonQueryAsync(cancellationToken);
    }
}
