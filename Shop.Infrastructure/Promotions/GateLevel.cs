namespace Shop.Infrastructure.Promotions;

/// <summary>How many pieces of a SKU a running sale could sell, as of a version of the SKU's stock row.</summary>
/// <param name="Version">Of <c>inventory.stock</c>: it grows with every change of the row, and nothing of a sale's item changes without
/// it.</param>
/// <param name="Left">The smaller of what is in stock and what the sale has left.</param>
public sealed record GateLevel(Guid SaleId, string Sku, long Version, int Left);
