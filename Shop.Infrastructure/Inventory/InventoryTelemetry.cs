using System.Diagnostics.Metrics;

namespace Shop.Infrastructure.Inventory;

/// <summary>What is counted of the stock; docs/observability.md says what each tells.</summary>
public static class InventoryTelemetry
{
    public const string Name = "Shop.Inventory";

    private static readonly Meter Meter = new(Name);

    /// <summary>
    /// SKUs of which more is promised than there is. The table refuses that, so it is 0 as long as the table is as it should be.
    /// </summary>
    public static readonly ExpiringGauge<long> Oversold = new(
        Meter, "shop.stock.oversold", "{sku}", "SKUs of which more is reserved than there is; always 0.");

    private static readonly Counter<long> ReservedPieces = Meter.CreateCounter<long>(
        "shop.stock.reserved", "{piece}", "Pieces that were reserved for accepted orders.");

    private static readonly Counter<long> ExpiredReservations = Meter.CreateCounter<long>(
        "shop.stock.reservations_expired", "{reservation}",
        "Orders whose reservation ran out before they were paid; their stock is free again.");

    /// <summary>Counts what was reserved, after the commit.</summary>
    internal static void Reserved(int pieces)
    {
        if (pieces > 0)
            ReservedPieces.Add(pieces);
    }

    /// <summary>Counts an order whose reservation ran out, after the commit.</summary>
    internal static void ReservationExpired() => ExpiredReservations.Add(1);
}
