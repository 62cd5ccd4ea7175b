namespace Shop.Infrastructure.Inventory;

/// <summary>Reservations that are held beyond their time.</summary>
public sealed class OverdueReservations(NpgsqlDataSource database)
{
    /// <summary>The orders they are for, those whose time was up first before the others.</summary>
    public async Task<IReadOnlyList<Guid>> ListAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var query = connection.Sql("""
            SELECT DISTINCT order_id FROM (
                SELECT order_id FROM inventory.reservations WHERE state = 'held' AND expires_at <= $1 ORDER BY expires_at LIMIT $2
            ) AS overdue
            """, now, limit);
        return await query.RowsAsync(row => row.GetGuid(0), cancellationToken);
    }
}
