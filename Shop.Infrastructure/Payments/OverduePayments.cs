using Shop.Domain.Payments;

namespace Shop.Infrastructure.Payments;

/// <summary>What of payments seems not to have been heard or done.</summary>
public sealed class OverduePayments(NpgsqlDataSource database)
{
    /// <summary>Where a page ended, and the next begins.</summary>
    public readonly record struct Place(DateTimeOffset At, PaymentKey Key)
    {
        public static readonly Place Start = new(DateTimeOffset.MinValue, default);
    }

    /// <summary>A page of the payments that are pending or being cancelled, and haven't moved since before a moment.</summary>
    public Task<IReadOnlyList<Place>> ListUnsettledAsync(
        DateTimeOffset unchangedSince, Place after, int limit, CancellationToken cancellationToken) => PageAsync("""
        SELECT updated_at, order_id, attempt FROM payments.payments
        WHERE status IN ('Pending', 'Cancelling') AND updated_at < $1 AND updated_at >= $2
            AND (updated_at, order_id, attempt) > ($2, $3, $4)
        ORDER BY updated_at, order_id, attempt LIMIT $5
        """, unchangedSince, after, limit, cancellationToken);

    /// <summary>A page of the payments whose money went back before a moment.</summary>
    public Task<IReadOnlyList<Place>> ListRefundedAsync(
        DateTimeOffset refundedBefore, Place after, int limit, CancellationToken cancellationToken) => PageAsync("""
        SELECT refunded_at, order_id, attempt FROM payments.refunds JOIN payments.payments ON payments.id = payment_id
        WHERE refunded_at < $1 AND refunded_at >= $2 AND (refunded_at, order_id, attempt) > ($2, $3, $4)
        ORDER BY refunded_at, order_id, attempt LIMIT $5
        """, refundedBefore, after, limit, cancellationToken);

    /// <summary>Orders whose money has been held, and not taken, since before a moment; the longest held first.</summary>
    public async Task<IReadOnlyList<Guid>> ListHeldAsync(DateTimeOffset heldBefore, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var query = connection.Sql(
            "SELECT order_id FROM payments.payments WHERE status = 'Authorized' AND updated_at < $1 ORDER BY updated_at LIMIT $2",
            heldBefore, limit);
        return await query.RowsAsync(row => row.GetGuid(0), cancellationToken);
    }

    /// <summary>What providers told before a moment and nobody has handled, the oldest first.</summary>
    public async Task<IReadOnlyList<ProviderEventKey>> ListUnhandledEventsAsync(
        DateTimeOffset receivedBefore, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var query = connection.Sql("""
            SELECT provider, event_id FROM payments.provider_events
                WHERE handled_at IS NULL AND received_at < $1 ORDER BY received_at LIMIT $2
            """, receivedBefore, limit);
        return await query.RowsAsync(row => new ProviderEventKey(row.GetString(0), row.GetString(1)), cancellationToken);
    }

    /// <summary>Deletes events that were received and handled before a moment, so many at most.</summary>
    /// <returns>How many.</returns>
    public async Task<int> DeleteHandledEventsAsync(DateTimeOffset receivedBefore, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var delete = connection.Sql("""
            DELETE FROM payments.provider_events WHERE (provider, event_id) IN (
                SELECT provider, event_id FROM payments.provider_events WHERE handled_at IS NOT NULL AND received_at < $1 LIMIT $2)
            """, receivedBefore, limit);
        return await delete.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<IReadOnlyList<Place>> PageAsync(
        string sql, DateTimeOffset before, Place after, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var query = connection.Sql(sql, before, after.At, after.Key.OrderId, after.Key.Attempt, limit);
        return await query.RowsAsync(
            row => new Place(row.GetFieldValue<DateTimeOffset>(0), new PaymentKey(row.GetGuid(1), row.GetInt32(2))), cancellationToken);
    }
}
