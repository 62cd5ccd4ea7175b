namespace Shop.Infrastructure.Inventory;

/// <summary>A SKU's level after a change.</summary>
/// <param name="Available">Pieces that can be sold now.</param>
/// <param name="Version">Grows with each change of the SKU's stock.</param>
internal readonly record struct StockChange(string Sku, int Available, long Version);
