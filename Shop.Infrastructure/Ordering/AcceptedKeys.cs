using Shop.Infrastructure.Promotions;

namespace Shop.Infrastructure.Ordering;

/// <inheritdoc/>
public sealed class AcceptedKeys(NpgsqlDataSource database) : IAcceptedKeys
{
    /// <inheritdoc/>
    public async Task<IReadOnlyCollection<Guid>> OfAsync(string[] skus, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = connection.Sql("""
            SELECT k.key FROM ordering.idempotency_keys k
            WHERE k.created_at >= $2 AND EXISTS (SELECT FROM ordering.lines l WHERE l.order_id = k.order_id AND l.sku = ANY ($1))
            """, skus, since);
        return await command.RowsAsync(row => row.GetGuid(0), cancellationToken);
    }
}
