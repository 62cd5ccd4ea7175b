using Shop.Contracts;
using Shop.Contracts.Ordering;
using Shop.Domain.Ordering;
using ShippingAddress = Shop.Contracts.Ordering.ShippingAddress;

namespace Shop.Infrastructure.Ordering;

/// <summary>An order as its customer sees it.</summary>
public sealed class OrderQueries(NpgsqlDataSource database)
{
    public async Task<OrderDetails?> FindAsync(Guid orderId, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var batch = connection.CreateBatch();
        batch.Add("""
            SELECT number, status, payment_status, cancel_reason, email, ship_name, ship_line1, ship_line2, ship_city, ship_postal,
                ship_country, payment_method, total_minor, currency, placed_at, payment_reason, pay_until
            FROM ordering.orders WHERE id = $1
            """, orderId);
        batch.Add("""
            SELECT sku, product_slug, name, variant, image_url, unit_price_minor, quantity
            FROM ordering.lines WHERE order_id = $1 ORDER BY position
            """, orderId);
        batch.Add("SELECT status, at, cause FROM ordering.history WHERE order_id = $1 ORDER BY id", orderId);

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return null;
        var currency = reader.GetString(13);
        var rules = Rules(orderId, reader.GetString(1), reader.GetString(2));
        var order = new OrderDetails(
            orderId,
            reader.GetInt64(0).ToString(CultureInfo.InvariantCulture),
            Name(reader.GetString(1)),
            reader.GetStringOrNull(3),
            rules.CanCancel,
            reader.GetFieldValue<DateTimeOffset>(14),
            reader.GetString(4),
            new ShippingAddress(
                reader.GetString(5), reader.GetString(6), reader.GetStringOrNull(7), reader.GetString(8), reader.GetString(9),
                reader.GetString(10)),
            [],
            new Money(reader.GetInt64(12), currency),
            new OrderPayment(reader.GetString(11), Name(reader.GetString(2)), RefusalOf(reader),
                rules.AwaitsPayment ? reader.GetFieldValue<DateTimeOffset>(16) : null),
            []);

        await reader.NextResultAsync(cancellationToken);
        var lines = await reader.RowsAsync(
            row => new OrderDetailsLine(
                row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4),
                new Money(row.GetInt64(5), currency), row.GetInt32(6), new Money(row.GetInt64(5) * row.GetInt32(6), currency)),
            cancellationToken);

        await reader.NextResultAsync(cancellationToken);
        var history = await reader.RowsAsync(
            row => new OrderHistoryEntry(Name(row.GetString(0)), row.GetFieldValue<DateTimeOffset>(1), row.GetString(2)),
            cancellationToken);
        return order with { Lines = lines, History = history };
    }

    /// <summary>The last transition of an order; null when there is no such order.</summary>
    public async Task<OrderStatusChanged?> StatusAsync(Guid orderId, CancellationToken cancellationToken) =>
        (await StatusesAsync([orderId], cancellationToken)).SingleOrDefault();

    /// <summary>The last transition of each of these orders; one that isn't there is left out.</summary>
    public async Task<IReadOnlyList<OrderStatusChanged>> StatusesAsync(Guid[] orderIds, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = connection.Sql("""
            SELECT o.id, o.status, o.cancel_reason, last.at, o.payment_status, o.payment_attempt
            FROM unnest($1) AS wanted (id) JOIN ordering.orders o ON o.id = wanted.id
            CROSS JOIN LATERAL (SELECT h.at FROM ordering.history h WHERE h.order_id = o.id ORDER BY h.id DESC LIMIT 1) AS last
            """, orderIds);
        return await command.RowsAsync(
            row => new OrderStatusChanged(
                row.GetGuid(0), Name(row.GetString(1)), row.GetStringOrNull(2), row.GetFieldValue<DateTimeOffset>(3),
                Rules(row.GetGuid(0), row.GetString(1), row.GetString(4)).IsSettled, Name(row.GetString(4)), row.GetInt32(5)),
            cancellationToken);
    }

    /// <summary>What was refused before a payment that came is over.</summary>
    private static string? RefusalOf(NpgsqlDataReader reader) =>
        reader.GetString(2) == nameof(OrderPaymentStatus.Refused) ? reader.GetStringOrNull(15) : null;

    /// <summary>An order as far as its rules need it.</summary>
    private static Order Rules(Guid orderId, string status, string paymentStatus) =>
        Order.Restore(orderId, Enum.Parse<OrderStatus>(status), Enum.Parse<OrderPaymentStatus>(paymentStatus));

    /// <summary>On the wire a status is written in small letters.</summary>
    private static string Name(string status) => status.ToLowerInvariant();
}
