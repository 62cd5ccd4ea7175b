namespace Shop.Domain.Inventory;

public static class StockLimit
{
    /// <summary>Pieces of one SKU that the house can hold; beyond is a typing error.</summary>
    public const int MaxOnHand = 10_000_000;
}
