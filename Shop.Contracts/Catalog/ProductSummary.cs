namespace Shop.Contracts.Catalog;

/// <summary>A product as a list shows it.</summary>
/// <param name="Sku">The SKU of the product's first variant: what "add to basket" takes when there is nothing to choose.</param>
/// <param name="Slug">The product's readable name in addresses.</param>
/// <param name="Category">Display name of the category; <paramref name="CategorySlug"/> is what to filter by.</param>
/// <param name="Price">The lowest price of its variants, taxes included.</param>
/// <param name="CompareAtPrice">The price it is reduced from, when it is.</param>
/// <param name="Available">Pieces that can be sold now, over all variants.</param>
/// <param name="Rating">1.0 to 5.0, <see langword="null"/> while nobody has rated it.</param>
/// <param name="VariantCount">1 when there is nothing to choose.</param>
public sealed record ProductSummary(
    Guid Id,
    string Sku,
    string Slug,
    string Name,
    string Brand,
    string Category,
    string CategorySlug,
    Money Price,
    Money? CompareAtPrice,
    string ImageUrl,
    int Available,
    decimal? Rating,
    int VariantCount);
