namespace Shop.Domain.Baskets;

/// <summary>What a customer means to buy: pieces by SKU. It holds no prices, so it can't hold stale ones.</summary>
public sealed class Basket
{
    /// <summary>Different SKUs a basket (and so an order) takes.</summary>
    public const int MaxLines = 50;

    /// <summary>Pieces a line takes.</summary>
    public const int MaxQuantity = 99;

    private readonly Dictionary<string, int> _quantities;

    public Basket(Guid id, IEnumerable<KeyValuePair<string, int>> quantities, Guid? version = null)
    {
        (Id, Version) = (id, version);
        _quantities = new Dictionary<string, int>(quantities, StringComparer.Ordinal);
    }

    public Guid Id { get; }

    /// <summary>Another one after each change; null when nothing was ever put in.</summary>
    public Guid? Version { get; }

    public IReadOnlyDictionary<string, int> Quantities => _quantities;

    public bool IsEmpty => _quantities.Count == 0;

    public static bool IsValidQuantity(int quantity) => quantity is >= 1 and <= MaxQuantity;
}
