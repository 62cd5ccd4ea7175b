namespace Shop.Web.Api;

/// <summary>An order of the product list: the value in addresses, and its name for people.</summary>
public sealed record ProductSort(string Value, string Name)
{
    /// <summary>All that the API sorts by. The first is what a list shows unless told.</summary>
    public static IReadOnlyList<ProductSort> All { get; } =
    [
        new("relevance", "Best match"),
        new("newest", "Newest"),
        new("price", "Price, low to high"),
        new("-price", "Price, high to low"),
        new("rating", "Best rated"),
        new("name", "Name"),
    ];

    public static string Default => All[0].Value;
}
