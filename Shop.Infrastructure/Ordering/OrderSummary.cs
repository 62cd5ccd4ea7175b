using Shop.Contracts;
using Shop.Contracts.Ordering;

namespace Shop.Infrastructure.Ordering;

/// <summary>What is said about an order when its customer is written to.</summary>
public sealed record OrderSummary(
    Guid OrderId, string Number, string Email, ShippingAddress ShippingAddress, Money Total, IReadOnlyList<OrderSummaryLine> Lines)
{
    /// <summary>Adds the reading of many orders to a batch of statements; <see cref="ReadAsync"/> reads its two results.</summary>
    public static void AddQuery(NpgsqlBatch batch, Guid[] orderIds) =>
        batch
            .Add(
                """
                SELECT id, number, email, ship_name, ship_line1, ship_line2, ship_city, ship_postal, ship_country, total_minor, currency
                FROM ordering.orders WHERE id = ANY ($1)
                """, orderIds)
            .Add("SELECT order_id, name, variant, quantity, unit_price_minor FROM ordering.lines WHERE order_id = ANY ($1) ORDER BY "
                + "order_id, position", orderIds);

    /// <summary>Reads the results of <see cref="AddQuery"/>; the reader stands on the first of them, and then on the second.</summary>
    /// <returns>The orders that exist, by id.</returns>
    public static async Task<Dictionary<Guid, OrderSummary>> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var orders = new Dictionary<Guid, OrderSummary>();
        while (await reader.ReadAsync(cancellationToken))
            orders.Add(reader.GetGuid(0), new OrderSummary(
                reader.GetGuid(0),
                reader.GetInt64(1).ToString(CultureInfo.InvariantCulture),
                reader.GetString(2),
                new ShippingAddress(
                    reader.GetString(3), reader.GetString(4), reader.GetStringOrNull(5), reader.GetString(6),
                    reader.GetString(7), reader.GetString(8)),
                new Money(reader.GetInt64(9), reader.GetString(10)),
                new List<OrderSummaryLine>()));
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            // An order that has come between the two statements is read the next time.
            if (!orders.TryGetValue(reader.GetGuid(0), out var order))
                continue;
            var quantity = reader.GetInt32(3);
            ((List<OrderSummaryLine>)order.Lines).Add(new OrderSummaryLine(
                reader.GetString(1), reader.GetString(2), quantity, order.Total with { Amount = quantity * reader.GetInt64(4) }));
        }

        return orders;
    }
}

/// <summary>A line of an <see cref="OrderSummary"/>.</summary>
/// <param name="Variant">Empty where the product has only one.</param>
public sealed record OrderSummaryLine(string Name, string Variant, int Quantity, Money Total);
