namespace Shop.Infrastructure.Payments;

/// <summary>What of payments seems not to have been heard or done.</summary>
public sealed class OverduePayments(ShopDbContext db)
{
    /// <summary>Orders whose money has been held, and not taken, since before a moment; the longest held first.</summary>
    public async Task<IReadOnlyList<Guid>> ListHeldAsync(DateTimeOffset heldBefore, int limit, CancellationToken cancellationToken)
    {
        var connection = await db.OpenAsync(cancellationToken);
        await using var query = connection.Sql(
            "SELECT order_id FROM payments.payments WHERE status = 'Authorized' AND updated_at < $1 ORDER BY updated_at LIMIT $2", heldBefore, limit);
        await using var reader = await query.ExecuteReaderAsync(cancellationToken);
        var orders = new List<Guid>();
        while (await reader.ReadAsync(cancellationToken))
            orders.Add(reader.GetGuid(0));
        return orders;
    }

    /// <summary>Orders whose money went back within a span of time, the latest first.</summary>
    public async Task<IReadOnlyList<Guid>> ListRefundedAsync(DateTimeOffset from, DateTimeOffset to, int limit, CancellationToken cancellationToken)
    {
        var connection = await db.OpenAsync(cancellationToken);
        await using var query = connection.Sql("""
            SELECT p.order_id FROM payments.refunds AS r JOIN payments.payments AS p ON p.id = r.payment_id
            WHERE r.refunded_at >= $1 AND r.refunded_at < $2 ORDER BY r.refunded_at DESC LIMIT $3
            """, from, to, limit);
        await using var reader = await query.ExecuteReaderAsync(cancellationToken);
        var orders = new List<Guid>();
        while (await reader.ReadAsync(cancellationToken))
            orders.Add(reader.GetGuid(0));
        return orders;
    }

    /// <summary>What providers told before a moment and nobody has handled, the oldest first.</summary>
    public async Task<IReadOnlyList<ProviderEventKey>> ListUnhandledEventsAsync(DateTimeOffset receivedBefore, int limit, CancellationToken cancellationToken)
    {
        var connection = await db.OpenAsync(cancellationToken);
        await using var query = connection.Sql("""
            SELECT provider, event_id FROM payments.provider_events WHERE handled_at IS NULL AND received_at < $1 ORDER BY received_at LIMIT $2
            """, receivedBefore, limit);
        await using var reader = await query.ExecuteReaderAsync(cancellationToken);
        var events = new List<ProviderEventKey>();
        while (await reader.ReadAsync(cancellationToken))
            events.Add(new ProviderEventKey(reader.GetString(0), reader.GetString(1)));
        return events;
    }

    /// <summary>Deletes events that were received and handled before a moment, so many at most.</summary>
    /// <returns>How many.</returns>
    public async Task<int> DeleteHandledEventsAsync(DateTimeOffset receivedBefore, int limit, CancellationToken cancellationToken)
    {
        var connection = await db.OpenAsync(cancellationToken);
        await using var delete = connection.Sql("""
            DELETE FROM payments.provider_events WHERE (provider, event_id) IN (
                SELECT provider, event_id FROM payments.provider_events WHERE handled_at IS NOT NULL AND received_at < $1 LIMIT $2)
            """, receivedBefore, limit);
        return await delete.ExecuteNonQueryAsync(cancellationToken);
    }
}
