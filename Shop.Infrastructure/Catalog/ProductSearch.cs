namespace Shop.Infrastructure.Catalog;

/// <summary>What a customer searches and filters by. Null means "any".</summary>
/// <param name="MinPriceMinor">In minor units of the shop's currency, inclusive.</param>
/// <param name="MaxPriceMinor">In minor units of the shop's currency, inclusive.</param>
/// <param name="PageSize">1 to 100.</param>
/// <param name="WithFacets">Whether the first page also says how many there are of everything.</param>
public sealed record ProductSearch(
    string? Text,
    string? Category,
    string? Brand,
    long? MinPriceMinor,
    long? MaxPriceMinor,
    bool InStock,
    ProductSort Sort,
    int PageSize,
    ProductCursor? Cursor,
    bool WithFacets = true);

public enum ProductSort
{
    Relevance,
    PriceAscending,
    PriceDescending,
    Newest,
    Name,
    Rating,
}
