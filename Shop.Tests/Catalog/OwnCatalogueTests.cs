using AngleSharp.Html.Parser;
using Shop.Infrastructure.Catalog;

namespace Shop.Tests.Catalog;

/// <summary>The catalogue that the shop is shipped with.</summary>
[Trait("Category", "Unit")]
public sealed class OwnCatalogueTests
{
    private static readonly Lazy<(IReadOnlyList<ImportedProduct> Products, IReadOnlyList<ImportFault> Faults)> File = new(() =>
    {
        using var text = new StreamReader(Repository.File("Shop.Worker", "Catalog", "products.csv"));
        return ProductCsv.Read(text);
    });

    private static IReadOnlyList<ImportedProduct> Products => File.Value.Products;

    [Fact]
    public void It_is_read_without_a_fault() => Assert.Empty(File.Value.Faults);

    [Fact]
    public void It_holds_at_least_120_products_in_at_least_8_categories()
    {
        Assert.True(Products.Count(product => product.Published) >= 120, $"{Products.Count} products");
        Assert.True(Products.Select(product => product.Category).Distinct().Count() >= 8);
    }

    [Fact]
    public void Every_product_has_a_picture_that_is_shipped() => Assert.All(Products, product =>
    {
        Assert.NotEmpty(product.Images);
        Assert.All(product.Images, image =>
        {
            Assert.True(System.IO.File.Exists(Repository.File("Shop.Web", "wwwroot", image.Url.TrimStart('/'))),
                $"{product.Slug}: {image.Url} is missing");
            Assert.NotEqual("", image.Alt.Trim());
        });
    });

    [Fact]
    public void Every_product_says_something_about_itself_to_its_customers() => Assert.All(Products, product =>
    {
        var words = new HtmlParser().ParseDocument(product.Description).Body!.TextContent;
        Assert.True(words.Length >= 80, $"{product.Slug} says only: {words}");
    });

    [Fact]
    public void No_two_products_share_a_name_or_a_description()
    {
        Assert.Equal(Products.Count, Products.Select(product => product.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.Equal(Products.Count, Products.Select(product => product.Description).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Some_products_come_in_variants_some_are_sold_out_and_some_reduced()
    {
        Assert.Contains(Products, product => product.Variants.Count > 1 && product.Options.Count == 1);
        Assert.Contains(Products, product => product.Options.Count >= 2);
        Assert.Contains(Products, product => product.Variants.All(variant => variant.Quantity == 0));
        Assert.Contains(Products, product => product.Variants.Any(variant => variant.CompareAtMinor is not null));
    }

    [Fact]
    public void Nothing_is_given_away() =>
        Assert.All(Products.SelectMany(product => product.Variants), variant => Assert.True(variant.PriceMinor > 0, variant.Sku));
}
