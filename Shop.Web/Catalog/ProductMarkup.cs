using System.Text.Json.Serialization;
using Shop.Contracts.Catalog;
using Shop.Web.Storefront;

namespace Shop.Web.Catalog;

/// <summary>A product for search engines: schema.org's Product as JSON-LD.</summary>
public sealed record ProductMarkup(
    [property: JsonPropertyName("@context")] string Context,
    [property: JsonPropertyName("@type")] string Type,
    string Name,
    string Sku,
    string Image,
    ProductMarkup.BrandMarkup Brand,
    ProductMarkup.OfferMarkup Offers)
{
    public static ProductMarkup Of(ProductDetails product, string canonicalUrl, Uri baseUri) => new(
        "https://schema.org",
        "Product",
        product.Name,
        product.Sku,
        new Uri(baseUri, product.ImageUrl).AbsoluteUri,
        new BrandMarkup("Brand", product.Brand),
        new OfferMarkup(
            "Offer",
            canonicalUrl,
            Prices.MajorUnits(product.Price).ToString(CultureInfo.InvariantCulture),
            product.Price.Currency,
            product.Available > 0 ? "https://schema.org/InStock" : "https://schema.org/OutOfStock"));

    public sealed record BrandMarkup([property: JsonPropertyName("@type")] string Type, string Name);

    public sealed record OfferMarkup(
        [property: JsonPropertyName("@type")] string Type,
        string Url,
        string Price,
        string PriceCurrency,
        string Availability);
}
