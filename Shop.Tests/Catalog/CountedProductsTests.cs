using Shop.Contracts.Catalog;
using Shop.Infrastructure.Catalog;

namespace Shop.Tests.Catalog;

[Trait("Category", "Unit")]
public sealed class CountedProductsTests
{
    private static readonly CountedProducts.Value[] Categories = [
        new("tents", "Tents"), new("domes", "Domes", "tents"), new("mugs", "Mugs")];
    private static readonly CountedProducts.Value[] Brands = [new("fjell", "Fjell"), new("tarn", "Tarn")];

    private static readonly Gen<Product> OneProduct =
        from category in Gen.Elements(Categories)
        from brand in Gen.Elements(Brands)
        from price in Gen.Choose(0, 9)
        from isInStock in Gen.Elements(true, false)
        select new Product(category, brand.Slug, price, isInStock);

    private static readonly Gen<ProductSearch> OneSearch =
        from category in Gen.Elements(null, "tents", "domes", "mugs", "none")
        from brand in Gen.Elements(null, "fjell", "tarn", "none")
        from least in Gen.Choose(-1, 9)
        from most in Gen.Choose(-1, 9)
        from inStock in Gen.Elements(true, false)
        select new ProductSearch(
            null, category, brand, least < 0 ? null : least, most < 0 ? null : most, inStock, ProductSort.Newest, 24, null);

    [Fact]
    public void Counts_what_each_filter_would_give()
    {
        var cases = Gen.Zip(OneProduct.ListOf(), OneSearch).ToArbitrary();
        Prop.ForAll(cases, drawn =>
        {
            var (products, search) = (drawn.Item1, drawn.Item2);
            var counted = new CountedProducts(Categories, Brands, "EUR");
            foreach (var product in products)
                counted.Add(product.Category.Slug, product.Brand, product.Price, product.IsInStock);

            var (total, facets) = counted.Count(search);

            int Found(ProductSearch filter) => products.Count(product => product.Fits(filter));
            Assert.Equal(Found(search), total);
            Assert.Equal(Found(search with { InStock = true }), facets.InStock);
            Assert.Equal(
                Categories.Select(category => (
                    category.Slug,
                    products.Count(product => product.Category == category && product.Fits(search with { Category = null }))))
                    .Where(value => value.Item2 > 0),
                facets.Categories.Select(value => (value.Slug, value.Count)));
            Assert.Equal(
                Brands.Select(brand => (brand.Slug, Found(search with { Brand = brand.Slug }))).Where(value => value.Item2 > 0),
                facets.Brands.Select(value => (value.Slug, value.Count)));
            var prices = products.Where(product => product.Fits(search with { MinPriceMinor = null, MaxPriceMinor = null }))
                .Select(product => product.Price);
            Assert.Equal(
                (prices.Select(price => (long?)price).Min(), prices.Select(price => (long?)price).Max()),
                (facets.Price?.Min.Amount, facets.Price?.Max.Amount));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void What_is_of_a_category_not_known_yet_isn_t_counted()
    {
        var counted = new CountedProducts(Categories, Brands, "EUR");
        counted.Add("stoves", "tarn", 1, true);
        counted.Add("mugs", "new brand", 1, true);

        Assert.Equal(0, counted.Count(new ProductSearch(null, null, null, null, null, false, ProductSort.Newest, 24, null)).Total);
    }

    private sealed record Product(CountedProducts.Value Category, string Brand, long Price, bool IsInStock)
    {
        public bool Fits(ProductSearch search) =>
            (search.Category is null || search.Category == Category.Slug || search.Category == Category.Parent)
            && (search.Brand is null || search.Brand == Brand)
            && (search.MinPriceMinor is null || Price >= search.MinPriceMinor)
            && (search.MaxPriceMinor is null || Price <= search.MaxPriceMinor)
            && (!search.InStock || IsInStock);
    }
}
