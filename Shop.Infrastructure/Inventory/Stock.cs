using Shop.Domain.Inventory;

namespace Shop.Infrastructure.Inventory;

/// <summary>
/// What other modules ask of the stock, and the statements by which they reserve, sell, release and return for many orders at
/// once, inside their own transactions. Whoever changes stock locks its rows first, in SKU order
/// (<see cref="AddLock(NpgsqlBatch, string[])"/>), so that no two can wait for each other.
/// </summary>
public sealed class Stock(NpgsqlDataSource database)
{
    /// <summary>The Postgres channel on which a commit tells that a SKU was sold out or came back.</summary>
    public const string CrossedChannel = "stock_crossed";

    /// <summary>How long stock is kept for an order whose payment is under way.</summary>
    internal static readonly TimeSpan ReservationTime = TimeSpan.FromMinutes(30);

    private const string Levels = "SELECT sku, on_hand, reserved, version FROM inventory.stock";

    /// <summary>Pieces that can be sold now, by SKU; a SKU without stock is missing.</summary>
    public async Task<Dictionary<string, int>> AvailableAsync(string[] skus, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await AvailableAsync(connection, skus, cancellationToken);
    }

    /// <inheritdoc cref="AvailableAsync(string[], CancellationToken)"/>
    internal static async Task<Dictionary<string, int>> AvailableAsync(
        NpgsqlConnection connection, string[] skus, CancellationToken cancellationToken)
    {
        await using var command = connection.Sql($"{Levels} WHERE sku = ANY ($1)", skus);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var levels = await ReadLevelsAsync(reader, cancellationToken);
        return levels.ToDictionary(level => level.Key, level => level.Value.Available, StringComparer.Ordinal);
    }

    /// <summary>The SKUs that were sold out or came back since somebody asked last, and those that were asked to be looked at.</summary>
    internal static async Task<string[]> TakeCrossingsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = connection.Sql("""
            WITH crossed AS (DELETE FROM inventory.crossings RETURNING sku) SELECT coalesce(array_agg(DISTINCT sku), '{}') FROM crossed
            """);
        return (string[])(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>
    /// What an import says is in the house, of SKUs that weren't known: what is known has been sold from since, and stays. Whether their
    /// products can be bought is looked at anew, of all of them.
    /// </summary>
    internal static void AddImported(NpgsqlBatch batch, string[] skus, int[] quantities, DateTimeOffset now) => batch
        .Add("""
            WITH added AS (
                INSERT INTO inventory.stock (sku, on_hand) SELECT * FROM unnest($1::text[], $2::int[])
                ON CONFLICT DO NOTHING RETURNING sku, on_hand
            )
            INSERT INTO inventory.movements (sku, quantity, cause, at) SELECT sku, on_hand, 'import', $3 FROM added
            """, skus, quantities, now)
        .Add("INSERT INTO inventory.crossings (sku) SELECT * FROM unnest($1)", skus);

    /// <summary>
    /// How many SKUs have less than nothing left. The table refuses such a row; whoever asks wants to be sure that it still does.
    /// </summary>
    public async Task<long> CountOversoldAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = connection.Sql("SELECT count(*) FROM inventory.stock WHERE reserved > on_hand");
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Locks the stock of these SKUs and reads it, for <see cref="ReadLevelsAsync"/>.</summary>
    internal static void AddLock(NpgsqlBatch batch, string[] skus) =>
        batch.Add($"{Levels} WHERE sku = ANY ($1) ORDER BY sku FOR UPDATE", skus);

    /// <summary>Locks the stock that is reserved for these orders or was sold to them.</summary>
    internal static void AddLock(NpgsqlBatch batch, Guid[] orderIds) => batch.Add("""
        SELECT 1 FROM inventory.stock
        WHERE sku IN (SELECT sku FROM inventory.reservations WHERE order_id = ANY ($1)) ORDER BY sku FOR UPDATE
        """, orderIds);

    internal static async Task<Dictionary<string, StockLevel>> ReadLevelsAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var levels = new Dictionary<string, StockLevel>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
            levels.Add(reader.GetString(0),
                new StockLevel(reader.GetString(0), reader.GetInt32(1), reader.GetInt32(2), reader.GetInt64(3)));
        return levels;
    }

    /// <summary>Promises stock to orders. The rows are locked, and there is enough: the table's constraint refuses anything else.</summary>
    internal static void AddReservations(
        NpgsqlBatch batch, IReadOnlyCollection<(Guid OrderId, string Sku, int Quantity)> lines, DateTimeOffset now,
        DateTimeOffset expiresAt)
    {
        var bySku = lines.GroupBy(line => line.Sku, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Sum(line => line.Quantity));
        batch.Add("""
            UPDATE inventory.stock SET reserved = reserved + wanted.quantity, version = version + 1
            FROM unnest($1::text[], $2::int[]) AS wanted (sku, quantity) WHERE stock.sku = wanted.sku
            """, bySku.Keys.ToArray(), bySku.Values.ToArray());
        batch.Add("""
            INSERT INTO inventory.reservations (order_id, sku, quantity, state, created_at, expires_at)
            SELECT id, sku, quantity, 'held', $4, $5 FROM unnest($1::uuid[], $2::text[], $3::int[]) AS line (id, sku, quantity)
            """, lines.Select(line => line.OrderId).ToArray(), lines.Select(line => line.Sku).ToArray(),
            lines.Select(line => line.Quantity).ToArray(), now, expiresAt);
    }

    /// <summary>The orders are paid: what was reserved for them leaves the house. Doing it twice does it once.</summary>
    internal static void AddSale(NpgsqlBatch batch, Guid[] orderIds, DateTimeOffset now) => batch.Add("""
        WITH settled AS (
            UPDATE inventory.reservations SET state = 'sold' WHERE order_id = ANY ($1) AND state = 'held' RETURNING order_id, sku, quantity
        ), sold AS (
            UPDATE inventory.stock SET on_hand = on_hand - total.quantity, reserved = reserved - total.quantity, version = version + 1
            FROM (SELECT sku, sum(quantity)::int AS quantity FROM settled GROUP BY sku) AS total WHERE stock.sku = total.sku
        )
        INSERT INTO inventory.movements (sku, quantity, cause, order_id, at)
        SELECT sku, -quantity, 'sale', order_id, $2 FROM settled
        """, orderIds, now);

    /// <summary>
    /// The orders are off: what was reserved for them can be sold again. Doing it twice does it once. Returns the new levels, for
    /// <see cref="ReadChangesAsync"/>.
    /// </summary>
    internal static void AddRelease(NpgsqlBatch batch, Guid[] orderIds) => batch.Add("""
        WITH settled AS (
            UPDATE inventory.reservations SET state = 'released' WHERE order_id = ANY ($1) AND state = 'held' RETURNING sku, quantity
        )
        UPDATE inventory.stock SET reserved = reserved - total.quantity, version = version + 1
        FROM (SELECT sku, sum(quantity)::int AS quantity FROM settled GROUP BY sku) AS total WHERE stock.sku = total.sku
        RETURNING stock.sku, on_hand - reserved, version
        """, orderIds);

    /// <summary>
    /// Keeps what is reserved for each of these orders until another moment. Their rows are locked, so nobody else changes it.
    /// </summary>
    internal static void AddExtension(NpgsqlBatch batch, Guid[] orderIds, DateTimeOffset[] until) => batch.Add("""
        UPDATE inventory.reservations SET expires_at = kept.until
        FROM unnest($1::uuid[], $2::timestamptz[]) AS kept (order_id, until) WHERE reservations.order_id = kept.order_id AND state = 'held'
        """, orderIds, until);

    /// <summary>
    /// What was sold to these orders is back in the house. Doing it twice does it once. Returns the new levels, for
    /// <see cref="ReadChangesAsync"/>.
    /// </summary>
    internal static void AddReturn(NpgsqlBatch batch, Guid[] orderIds, DateTimeOffset now) => batch.Add("""
        WITH settled AS (
            UPDATE inventory.reservations SET state = 'returned'
                WHERE order_id = ANY ($1) AND state = 'sold' RETURNING order_id, sku, quantity
        ), noted AS (
            INSERT INTO inventory.movements (sku, quantity, cause, order_id, at)
            SELECT sku, quantity, 'return', order_id, $2 FROM settled
        )
        UPDATE inventory.stock SET on_hand = on_hand + total.quantity, version = version + 1
        FROM (SELECT sku, sum(quantity)::int AS quantity FROM settled GROUP BY sku) AS total WHERE stock.sku = total.sku
        RETURNING stock.sku, on_hand - reserved, version
        """, orderIds, now);

    internal static Task<List<StockChange>> ReadChangesAsync(NpgsqlDataReader reader, CancellationToken cancellationToken) =>
        reader.RowsAsync(row => new StockChange(row.GetString(0), row.GetInt32(1), row.GetInt64(2)), cancellationToken);
}

/// <summary>A SKU's level after a change.</summary>
/// <param name="Available">Pieces that can be sold now.</param>
/// <param name="Version">Grows with each change of the SKU's stock.</param>
internal readonly record struct StockChange(string Sku, int Available, long Version);
