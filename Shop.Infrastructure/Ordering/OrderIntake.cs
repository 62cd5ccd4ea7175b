using Npgsql;
using Shop.Contracts.Events;
using Shop.Domain;
using Shop.Domain.Inventory;
using Shop.Domain.Ordering;
using Shop.Infrastructure.Catalog;
using Shop.Infrastructure.Messaging;

namespace Shop.Infrastructure.Ordering;

/// <summary>
/// Where an order is accepted or refused: one transaction claims its idempotency key, locks the stock of its SKUs,
/// prices it from the catalogue, reserves, and writes the order with the event that sets the rest going.
/// An accepted order therefore has its stock; a refused one has touched nothing.
/// </summary>
public sealed class OrderIntake(ShopDbContext db, IntakeGate gate, TimeProvider time)
{
    /// <summary>How long an order holds its stock without being paid.</summary>
    private static readonly TimeSpan ReservationTime = TimeSpan.FromMinutes(30);

    public async Task<IntakeResult> PlaceAsync(OrderRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var place = await gate.EnterAsync(cancellationToken);
        var connection = await db.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var now = time.GetUtcNow();
        var orderId = Guid.CreateVersion7(now);

        var (claimed, stock, items, number) = await ClaimAsync(connection, request, orderId, now, cancellationToken);
        if (!claimed)
        {
            await transaction.RollbackAsync(cancellationToken);
            return await FindAsync(request.IdempotencyKey, request.Hash, cancellationToken)
                ?? throw new InvalidOperationException($"The idempotency key {request.IdempotencyKey} is taken, but nothing is stored under it.");
        }

        if (Missing(request, sku => items.ContainsKey(sku)) is { Length: > 0 } unknown)
            return new IntakeResult.UnknownSkus(unknown);
        if (Missing(request, sku => stock.TryGetValue(sku, out var level) && level.CanReserve(request.Quantities[sku])) is { Length: > 0 } soldOut)
            return new IntakeResult.SoldOut(soldOut);

        var order = Order.Place(
            orderId, request.Email, request.ShippingAddress, request.PaymentMethod, items.Values.First().Price.Currency,
            [.. request.Quantities.Select(line => Line(items[line.Key], line.Value))], now);
        await StoreAsync(connection, request, order, number, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new IntakeResult.Accepted(orderId, number, order.Total, Replayed: false);
    }

    /// <summary>What an idempotency key was answered with before; null when it is new.</summary>
    public async Task<IntakeResult?> FindAsync(Guid idempotencyKey, byte[] hash, CancellationToken cancellationToken)
    {
        var connection = await db.OpenAsync(cancellationToken);
        await using var command = connection.Sql(
            """
            SELECT k.request_hash, k.order_id, o.number, o.total_minor, o.currency
            FROM ordering.idempotency_keys k JOIN ordering.orders o ON o.id = k.order_id WHERE k.key = $1
            """, idempotencyKey);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return null;
        return reader.GetFieldValue<byte[]>(0).AsSpan().SequenceEqual(hash)
            ? new IntakeResult.Accepted(
                reader.GetGuid(1), reader.GetInt64(2), new Money(reader.GetInt64(3), new Currency(reader.GetString(4))), Replayed: true)
            : new IntakeResult.KeyReused();
    }

    private static async Task<(bool Claimed, Dictionary<string, StockLevel> Stock, Dictionary<string, CatalogItem> Items, long Number)> ClaimAsync(
        NpgsqlConnection connection, OrderRequest request, Guid orderId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var skus = request.Quantities.Keys.ToArray();
        await using var batch = connection.CreateBatch();
        // The key first: who sends the same order again waits here for the first one's outcome, holding no stock.
        batch.Add("""
            INSERT INTO ordering.idempotency_keys (key, request_hash, order_id, created_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT DO NOTHING RETURNING key
            """, request.IdempotencyKey, request.Hash, orderId, now);
        // In SKU order, so that two orders for the same things can't wait for each other.
        batch.Add("SELECT sku, on_hand, reserved FROM inventory.stock WHERE sku = ANY ($1) ORDER BY sku FOR UPDATE", skus);
        batch.Add(CatalogItem.Query, skus);
        batch.Add("SELECT nextval('ordering.order_number')");

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var claimed = await reader.ReadAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var stock = new Dictionary<string, StockLevel>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
            stock.Add(reader.GetString(0), new StockLevel(reader.GetString(0), reader.GetInt32(1), reader.GetInt32(2)));
        await reader.NextResultAsync(cancellationToken);
        var items = await CatalogItem.ReadAsync(reader, cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (claimed, stock, items, reader.GetInt64(0));
    }

    private static async Task StoreAsync(
        NpgsqlConnection connection, OrderRequest request, Order order, long number, CancellationToken cancellationToken)
    {
        var address = order.ShippingAddress;
        var currency = order.Total.Currency.Code;
        var skus = order.Lines.Select(line => line.Sku).ToArray();
        var quantities = order.Lines.Select(line => line.Quantity).ToArray();
        await using var batch = connection.CreateBatch();
        batch.Add("""
            UPDATE inventory.stock SET reserved = reserved + wanted.quantity
            FROM unnest($1::text[], $2::int[]) AS wanted (sku, quantity) WHERE stock.sku = wanted.sku
            """, skus, quantities);
        batch.Add("""
            INSERT INTO inventory.reservations (order_id, sku, quantity, state, created_at, expires_at)
            SELECT $1, sku, quantity, 'held', $4, $5 FROM unnest($2::text[], $3::int[]) AS wanted (sku, quantity)
            """, order.Id, skus, quantities, order.PlacedAt, order.PlacedAt + ReservationTime);
        batch.Add("""
            INSERT INTO ordering.orders (id, number, status, payment_status, email, ship_name, ship_line1, ship_line2, ship_city,
                ship_postal, ship_country, payment_method, total_minor, currency, placed_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
            """,
            order.Id, number, order.Status.ToString(), order.PaymentStatus.ToString(), order.Email, address.Name, address.Line1, address.Line2,
            address.City, address.PostalCode, address.Country, order.PaymentMethod, order.Total.MinorUnits, currency, order.PlacedAt);
        batch.Add("""
            INSERT INTO ordering.lines (order_id, position, sku, product_slug, name, variant, image_url, unit_price_minor, quantity)
            SELECT $1, line.* FROM unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::int[]) AS line
            """,
            order.Id, Enumerable.Range(1, order.Lines.Count).ToArray(), skus,
            order.Lines.Select(line => line.ProductSlug).ToArray(), order.Lines.Select(line => line.Name).ToArray(),
            order.Lines.Select(line => line.Variant).ToArray(), order.Lines.Select(line => line.ImageUrl).ToArray(),
            order.Lines.Select(line => line.UnitPriceMinor).ToArray(), quantities);
        var placed = order.History[0];
        batch.Add(
            "INSERT INTO ordering.history (order_id, status, at, cause) VALUES ($1, $2, $3, $4)",
            order.Id, placed.Status.ToString(), placed.At, placed.Cause);
        Outbox.Add(
            batch,
            new OrderPlaced(
                order.Id, number, new Contracts.Money(order.Total.MinorUnits, currency), order.PaymentMethod, request.PaymentToken),
            order.PlacedAt);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string[] Missing(OrderRequest request, Func<string, bool> isThere) => [.. request.Quantities.Keys.Where(sku => !isThere(sku))];

    private static OrderLine Line(CatalogItem item, int quantity) =>
        new(item.Sku, item.Slug, item.Name, item.Variant, item.ImageUrl, item.Price.MinorUnits, quantity);
}
