using Shop.Contracts.Promotions;

namespace Shop.Contracts.Catalog;

/// <summary>A product with all that its own page shows.</summary>
/// <param name="Description">Simple HTML (paragraphs, lists, emphasis), sanitized when it was imported.</param>
/// <param name="Options">What a customer chooses by, e.g. Size and Colour; empty when there is one variant.</param>
/// <param name="Available">Pieces that can be sold now, over all variants.</param>
public sealed record ProductDetails(
    Guid Id,
    string Sku,
    string Slug,
    string Name,
    string Brand,
    string BrandSlug,
    string Category,
    string CategorySlug,
    string Description,
    Money Price,
    Money? CompareAtPrice,
    string ImageUrl,
    int Available,
    decimal? Rating,
    IReadOnlyList<ProductImage> Images,
    IReadOnlyList<ProductOption> Options,
    IReadOnlyList<ProductVariant> Variants);

/// <summary>A picture of a product.</summary>
public sealed record ProductImage(string Url, string Alt);

/// <summary>A property that variants differ by, with its values in the order of the shop's choosing.</summary>
public sealed record ProductOption(string Name, IReadOnlyList<string> Values);

/// <summary>What is really sold: one SKU.</summary>
/// <param name="Options">Its value for each of the product's options, in their order.</param>
/// <param name="Price">What it costs now, in a flash sale too.</param>
/// <param name="CompareAtPrice">The price it is reduced from, when it is.</param>
/// <param name="Available">Pieces that can be sold now.</param>
/// <param name="FlashSale">The flash sale that sells it now.</param>
public sealed record ProductVariant(
    string Sku,
    string Name,
    IReadOnlyList<string> Options,
    Money Price,
    Money? CompareAtPrice,
    int Available,
    FlashSaleNote? FlashSale = null);
