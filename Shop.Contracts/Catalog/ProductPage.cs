namespace Shop.Contracts.Catalog;

/// <summary>A page of products, with the facets of the whole result on its first page.</summary>
/// <param name="Total">Products that match, on all pages together; only on the first page, and not with <c>facets=false</c>.</param>
/// <param name="Facets">As <paramref name="Total"/>.</param>
public sealed record ProductPage(
    IReadOnlyList<ProductSummary> Items,
    string? NextCursor,
    int? Total = null,
    ProductFacets? Facets = null);

/// <summary>What the result could be narrowed down to.</summary>
public sealed record ProductFacets(
    IReadOnlyList<FacetValue> Categories,
    IReadOnlyList<FacetValue> Brands,
    PriceRange? Price,
    int InStock);

/// <param name="Slug">The value to filter by.</param>
/// <param name="Count">How many products of the result have it.</param>
public sealed record FacetValue(string Slug, string Name, int Count);

/// <summary>The lowest and the highest price of the result.</summary>
public sealed record PriceRange(Money Min, Money Max);
