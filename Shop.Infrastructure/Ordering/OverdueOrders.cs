namespace Shop.Infrastructure.Ordering;

/// <summary>Orders that seem not to have heard what they wait for. All lists go through the orders in pages.</summary>
public sealed class OverdueOrders(NpgsqlDataSource database)
{
    /// <summary>Where a page ended, and the next begins.</summary>
    public readonly record struct Place(DateTimeOffset PlacedAt, Guid OrderId)
    {
        public static readonly Place Start = new(DateTimeOffset.MinValue, Guid.Empty);
    }

    /// <summary>An order that is off, whose payment is not known to it to have come out.</summary>
    /// <param name="PaymentAttempt">Which of its payments.</param>
    /// <param name="Reason">Why it is off, as a sentence for the customer.</param>
    public sealed record OffOrder(Guid OrderId, int PaymentAttempt, string Reason);

    /// <summary>Orders that wait for their payment since before a moment, the oldest first.</summary>
    public async Task<IReadOnlyList<Place>> ListUnsettledAsync(
        DateTimeOffset placedBefore, Place after, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var query = connection.Sql("""
            SELECT placed_at, id FROM ordering.orders
            WHERE status = 'Processing' AND payment_status = 'Pending' AND placed_at < $1 AND placed_at >= $2 AND (placed_at, id) > ($2, $3)
            ORDER BY placed_at, id LIMIT $4
            """, placedBefore, after.PlacedAt, after.OrderId, limit);
        return await query.RowsAsync(row => new Place(row.GetFieldValue<DateTimeOffset>(0), row.GetGuid(1)), cancellationToken);
    }

    /// <summary>
    /// Orders that have been cancelled or taken back before a moment, and whose payment was neither refused nor given back as far as they
    /// know.
    /// </summary>
    public async Task<IReadOnlyList<OffOrder>> ListOffAsync(
        DateTimeOffset offBefore, Guid after, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var query = connection.Sql("""
            SELECT o.id, o.payment_attempt, h.cause
            FROM ordering.orders AS o JOIN ordering.history AS h ON h.order_id = o.id AND h.status = o.status
            WHERE o.status IN ('Cancelled', 'Refunded') AND o.payment_status IN ('Pending', 'Paid') AND o.id > $2 AND h.at < $1
            ORDER BY o.id LIMIT $3
            """, offBefore, after, limit);
        return await query.RowsAsync(row => new OffOrder(row.GetGuid(0), row.GetInt32(1), row.GetString(2)), cancellationToken);
    }

    /// <summary>Those of the given orders that stand: confirmed, shipped or delivered.</summary>
    public Task<IReadOnlyList<Guid>> WhichStandAsync(Guid[] orderIds, CancellationToken cancellationToken) => WhichAsync(
        "SELECT id FROM ordering.orders WHERE id = ANY ($1) AND status IN ('Confirmed', 'Shipped', 'Delivered')", orderIds,
        cancellationToken);

    /// <summary>Those of the given orders that don't know that their money went back.</summary>
    public Task<IReadOnlyList<Guid>> WhichAreNotRefundedAsync(Guid[] orderIds, CancellationToken cancellationToken) => WhichAsync(
        "SELECT id FROM ordering.orders WHERE id = ANY ($1) AND payment_status <> 'Refunded'", orderIds, cancellationToken);

    private async Task<IReadOnlyList<Guid>> WhichAsync(string sql, Guid[] orderIds, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var query = connection.Sql(sql, orderIds);
        return await query.RowsAsync(row => row.GetGuid(0), cancellationToken);
    }
}
