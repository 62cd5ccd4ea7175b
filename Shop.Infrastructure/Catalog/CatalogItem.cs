using Shop.Domain;
using Shop.Domain.Ordering;

namespace Shop.Infrastructure.Catalog;

/// <summary>A SKU as the catalogue knows it now: what a basket shows and an order keeps.</summary>
/// <param name="Variant">e.g. <c>M / Forest</c>; empty when the product has one variant.</param>
public sealed record CatalogItem(string Sku, string Slug, string Name, string Variant, string ImageUrl, Money Price)
{
    /// <summary>$1: the SKUs.</summary>
    public const string Query = """
        SELECT v.sku, p.slug, p.name, v.name, p.image_url, v.price_minor, v.currency
        FROM catalog.variants v JOIN catalog.products p ON p.id = v.product_id
        WHERE p.published AND v.sku = ANY ($1)
        """;

    /// <summary>So many of it, at today's price.</summary>
    public OrderLine ToLine(int quantity) => new(Sku, Slug, Name, Variant, ImageUrl, Price.MinorUnits, quantity);

    public static async Task<Dictionary<string, CatalogItem>> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var items = new Dictionary<string, CatalogItem>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            var item = new CatalogItem(
                reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4),
                new Money(reader.GetInt64(5), new Currency(reader.GetString(6))));
            items.Add(item.Sku, item);
        }

        return items;
    }
}
