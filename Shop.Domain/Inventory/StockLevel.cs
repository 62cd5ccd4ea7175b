namespace Shop.Domain.Inventory;

/// <summary>What there is of a SKU, and how much of it is promised to orders already accepted.</summary>
/// <param name="OnHand">Pieces in the house; never negative.</param>
/// <param name="Reserved">Pieces promised; between 0 and <paramref name="OnHand"/>.</param>
/// <param name="Version">How often it had changed when it was read: of two levels the one with the higher version is the newer.</param>
public readonly record struct StockLevel(string Sku, int OnHand, int Reserved, long Version = 0)
{
    /// <summary>Pieces that can be sold now.</summary>
    public int Available => OnHand - Reserved;

    public bool CanReserve(int quantity) => quantity > 0 && quantity <= Available;

    /// <summary>The level after so many pieces are promised.</summary>
    /// <exception cref="InvalidOperationException">There isn't enough.</exception>
    public StockLevel Reserve(int quantity) => CanReserve(quantity)
        ? this with { Reserved = Reserved + quantity }
        : throw new InvalidOperationException($"Of {Sku} {Available} can be sold, not {quantity}.");
}

public static class StockLimit
{
    /// <summary>Pieces of one SKU that the house can hold; beyond is a typing error.</summary>
    public const int MaxOnHand = 10_000_000;
}
