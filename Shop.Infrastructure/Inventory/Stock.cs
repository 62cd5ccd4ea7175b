using Npgsql;
using Shop.Domain.Inventory;

namespace Shop.Infrastructure.Inventory;

/// <summary>What other modules ask of the stock, and what they tell it about reservations.</summary>
public sealed class Stock(ShopDbContext db, TimeProvider time)
{
    /// <summary>Pieces that can be sold now, by SKU; a SKU without stock is missing.</summary>
    public async Task<Dictionary<string, int>> AvailableAsync(string[] skus, CancellationToken cancellationToken)
    {
        var connection = await db.OpenAsync(cancellationToken);
        await using var command = connection.Sql("SELECT sku, on_hand, reserved FROM inventory.stock WHERE sku = ANY ($1)", skus);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var available = new Dictionary<string, int>(skus.Length, StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            var level = new StockLevel(reader.GetString(0), reader.GetInt32(1), reader.GetInt32(2));
            available[level.Sku] = level.Available;
        }

        return available;
    }

    /// <summary>The SKUs of which nothing can be sold now.</summary>
    public async Task<string[]> SoldOutAsync(CancellationToken cancellationToken)
    {
        var connection = await db.OpenAsync(cancellationToken);
        await using var command = connection.Sql("SELECT coalesce(array_agg(sku), '{}') FROM inventory.stock WHERE on_hand = reserved");
        return (string[])(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>The order is paid: what was reserved for it leaves the house. Doing it twice does it once.</summary>
    public Task SellAsync(Guid orderId, CancellationToken cancellationToken) => SettleAsync(orderId, batch => batch.Add("""
        WITH settled AS (
            UPDATE inventory.reservations SET state = 'sold' WHERE order_id = $1 AND state = 'held' RETURNING sku, quantity
        ), sold AS (
            UPDATE inventory.stock SET on_hand = on_hand - settled.quantity, reserved = reserved - settled.quantity
            FROM settled WHERE stock.sku = settled.sku
            RETURNING stock.sku, settled.quantity
        )
        INSERT INTO inventory.movements (sku, quantity, cause, order_id, at)
        SELECT sku, -quantity, 'sale', $1, $2 FROM sold
        """, orderId, time.GetUtcNow()), cancellationToken);

    /// <summary>The order is off: what was reserved for it can be sold again. Doing it twice does it once.</summary>
    public Task ReleaseAsync(Guid orderId, CancellationToken cancellationToken) => SettleAsync(orderId, batch => batch.Add("""
        WITH settled AS (
            UPDATE inventory.reservations SET state = 'released' WHERE order_id = $1 AND state = 'held' RETURNING sku, quantity
        )
        UPDATE inventory.stock SET reserved = reserved - settled.quantity
        FROM settled WHERE stock.sku = settled.sku
        """, orderId), cancellationToken);

    private async Task SettleAsync(Guid orderId, Action<NpgsqlBatch> settle, CancellationToken cancellationToken)
    {
        var connection = await db.OpenAsync(cancellationToken);
        await using var batch = connection.CreateBatch();
        // The stock rows are locked in SKU order, as the intake does, so that the two can't deadlock.
        batch.Add("""
            SELECT 1 FROM inventory.stock
            WHERE sku IN (SELECT sku FROM inventory.reservations WHERE order_id = $1 AND state = 'held')
            ORDER BY sku FOR UPDATE
            """, orderId);
        settle(batch);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }
}
