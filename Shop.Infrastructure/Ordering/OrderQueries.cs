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
        var order = new OrderDetails(
            orderId,
            reader.GetInt64(0).ToString(CultureInfo.InvariantCulture),
            Name(reader.GetString(1)),
            Text(reader, 3),
            CanCancel: Enum.Parse<OrderStatus>(reader.GetString(1)) is OrderStatus.Processing,
            reader.GetFieldValue<DateTimeOffset>(14),
            reader.GetString(4),
            new ShippingAddress(
                reader.GetString(5), reader.GetString(6), Text(reader, 7), reader.GetString(8), reader.GetString(9), reader.GetString(10)),
            [],
            new Money(reader.GetInt64(12), currency),
            new OrderPayment(reader.GetString(11), Name(reader.GetString(2)), RefusalOf(reader), PayUntil(reader)),
            []);

        await reader.NextResultAsync(cancellationToken);
        var lines = new List<OrderDetailsLine>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var (unitPrice, quantity) = (reader.GetInt64(5), reader.GetInt32(6));
            lines.Add(new OrderDetailsLine(
                reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4),
                new Money(unitPrice, currency), quantity, new Money(unitPrice * quantity, currency)));
        }

        await reader.NextResultAsync(cancellationToken);
        var history = new List<OrderHistoryEntry>();
        while (await reader.ReadAsync(cancellationToken))
            history.Add(new OrderHistoryEntry(Name(reader.GetString(0)), reader.GetFieldValue<DateTimeOffset>(1), reader.GetString(2)));
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
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var statuses = new List<OrderStatusChanged>(orderIds.Length);
        while (await reader.ReadAsync(cancellationToken))
        {
            var status = reader.GetString(1);
            statuses.Add(new OrderStatusChanged(
                reader.GetGuid(0), Name(status), Text(reader, 2), reader.GetFieldValue<DateTimeOffset>(3),
                Final: status != nameof(OrderStatus.Processing), Name(reader.GetString(4)), reader.GetInt32(5)));
        }

        return statuses;
    }

    /// <summary>What was refused before a payment that came is over.</summary>
    private static string? RefusalOf(NpgsqlDataReader reader) =>
        reader.GetString(2) == nameof(OrderPaymentStatus.Refused) ? Text(reader, 15) : null;

    private static DateTimeOffset? PayUntil(NpgsqlDataReader reader) =>
        reader.GetString(1) == nameof(OrderStatus.Processing) && reader.GetString(2) == nameof(OrderPaymentStatus.Refused)
            ? reader.GetFieldValue<DateTimeOffset>(16)
            : null;

    /// <summary>On the wire a status is written in small letters.</summary>
    private static string Name(string status) => status.ToLowerInvariant();

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
