using Shop.Contracts;
using Shop.Contracts.Catalog;

namespace Shop.Tests.Catalog;

/// <summary>Browsing and searching the running shop.</summary>
[Trait("Category", "Distributed")]
[Collection(RunningShopCollection.Name)]
public sealed class CatalogApiTests(RunningShop shop) : IDisposable
{
    private readonly Shopper _shopper = new(shop.Client());

    public void Dispose() => _shopper.Dispose();

    [Theory]
    [InlineData("webfrontend")]
    [InlineData("apiservice")]
    public async Task Products_come_with_facets_through_the_gateway_and_from_the_API_itself(string resource)
    {
        using var shopper = new Shopper(shop.Client(resource));

        var page = await shopper.GetAsync("/api/v1/products", ShopJson.Default.ProductPage);

        Assert.Equal(24, page.Items.Count);
        Assert.NotNull(page.NextCursor);
        Assert.True(page.Total >= 120);
        Assert.True(page.Facets!.Categories.Count >= 8);
        Assert.Equal(page.Total, page.Facets.Categories.Sum(category => category.Count));
        Assert.Equal(page.Total, page.Facets.Brands.Sum(brand => brand.Count));
        Assert.InRange(page.Facets.InStock, 1, page.Total!.Value - 1);
        Assert.True(page.Facets.Price!.Min.Amount < page.Facets.Price.Max.Amount);
        Assert.All(page.Items, item => Assert.Equal("EUR", item.Price.Currency));
    }

    [Theory]
    [InlineData("lantern")]
    [InlineData("LANTERNS")]
    [InlineData("midnight lant")]
    [InlineData("lantern-midnight")]
    public async Task A_product_is_found_by_its_words_their_beginnings_and_its_SKU(string search)
    {
        var page = await SearchAsync($"search={Uri.EscapeDataString(search)}&pageSize=100");

        Assert.Contains(page.Items, item => item.Sku == "LANTERN-MIDNIGHT");
        Assert.True(page.Total < 60, $"'{search}' finds {page.Total} products");
    }

    [Theory]
    [InlineData("xyzzyplugh")]
    [InlineData("!!!")]
    [InlineData("'; DROP TABLE catalog.products; --")]
    [InlineData("%")]
    [InlineData("<script>alert(1)</script>")]
    public async Task What_is_not_there_is_not_found_and_harms_nothing(string search)
    {
        var page = await SearchAsync($"search={Uri.EscapeDataString(search)}");

        Assert.Equal(0, page.Total);
        Assert.Empty(page.Items);
        Assert.Null(page.NextCursor);
    }

    [Fact]
    public async Task A_facets_count_is_what_its_filter_gives()
    {
        var all = await SearchAsync("pageSize=1");
        var category = all.Facets!.Categories[0];
        var brand = all.Facets.Brands.MaxBy(value => value.Count)!;

        var inCategory = await SearchAsync($"category={category.Slug}&pageSize=100");
        var ofBrand = await SearchAsync($"brand={brand.Slug}&pageSize=100");

        Assert.Equal(category.Count, inCategory.Total);
        Assert.All(inCategory.Items, item => Assert.Equal(category.Slug, item.CategorySlug));
        Assert.Equal(brand.Count, ofBrand.Total);
        Assert.All(ofBrand.Items, item => Assert.Equal(brand.Name, item.Brand));
        // The facet of what is filtered by shows the other choices, too.
        Assert.Equal(all.Facets.Categories.Count, inCategory.Facets!.Categories.Count);
    }

    [Fact]
    public async Task A_range_of_prices_holds_its_ends_and_nothing_beyond()
    {
        var price = await RegularPricesAsync();
        var some = (await SearchAsync("sort=price&pageSize=60")).Items;
        var (min, max) = (price(some[20]), price(some[40]));

        var page = await SearchAsync(string.Create(CultureInfo.InvariantCulture, $"minPrice={min}&maxPrice={max}&pageSize=100"));

        Assert.Contains(page.Items, item => price(item) == min);
        Assert.Contains(page.Items, item => price(item) == max);
        Assert.All(page.Items, item => Assert.InRange(price(item), min, max));
    }

    [Fact]
    public async Task Only_what_can_be_sold_now_is_shown_on_wish()
    {
        var all = await AllAsync("sort=name");
        var inStock = await AllAsync("sort=name&inStock=true");

        Assert.Contains(all, item => item.Available == 0);
        Assert.All(inStock, item => Assert.True(item.Available > 0, item.Slug));
        Assert.Equal(all.Where(item => item.Available > 0).Select(item => item.Slug), inStock.Select(item => item.Slug));
    }

    [Theory]
    [InlineData("price")]
    [InlineData("-price")]
    [InlineData("newest")]
    [InlineData("name")]
    [InlineData("rating")]
    [InlineData("relevance&search=a")]
    public async Task Paging_visits_every_product_once_in_every_order(string sort)
    {
        var first = await SearchAsync($"sort={sort}&pageSize=100");

        var items = await AllAsync($"sort={sort}");

        Assert.Equal(first.Total, items.Count);
        Assert.Equal(items.Count, items.Select(item => item.Id).Distinct().Count());
        Assert.Equal(first.Items.Select(item => item.Id), items.Take(first.Items.Count).Select(item => item.Id));
    }

    [Fact]
    public async Task Prices_go_up_or_down_as_asked()
    {
        var price = await RegularPricesAsync();
        var up = (await AllAsync("sort=price")).Select(price).ToArray();
        var down = (await AllAsync("sort=-price")).Select(price).ToArray();

        Assert.Equal(up.Order(), up);
        Assert.Equal(up.Reverse(), down);
        Assert.NotEqual(up[0], up[^1]);
    }

    [Fact]
    public async Task Names_are_sorted_as_the_database_sorts_them()
    {
        var names = (await AllAsync("sort=name")).Select(item => item.Name);

        var sorted = await shop.AskAsync<string[]>("SELECT array_agg(name ORDER BY name, id) FROM catalog.products WHERE published");

        Assert.Equal(sorted, names);
    }

    [Fact]
    public async Task A_further_page_carries_no_facets()
    {
        var first = await SearchAsync("pageSize=10");
        var second = await SearchAsync($"pageSize=10&cursor={first.NextCursor}");

        Assert.Equal(10, second.Items.Count);
        Assert.Null(second.Facets);
        Assert.Null(second.Total);
    }

    [Theory]
    [InlineData("/api/v1/products?sort=name&pageSize=5")]
    [InlineData("/api/v1/products/midnight-sun-lantern")]
    [InlineData("/api/v1/categories")]
    [InlineData("/api/v1/brands")]
    public async Task What_has_not_changed_is_not_sent_again(string path)
    {
        using var first = await _shopper.GetAsync(path);
        var tag = first.Headers.ETag;
        Assert.NotNull(tag);
        Assert.NotNull(first.Headers.CacheControl?.MaxAge);

        using var again = await _shopper.SendAsync(HttpMethod.Get, path, headers: ("If-None-Match", tag.ToString()));
        using var another = await _shopper.SendAsync(HttpMethod.Get, path, headers: ("If-None-Match", "\"something-else\""));

        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        Assert.Equal(tag, again.Headers.ETag);
        Assert.Empty(await again.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.OK, another.StatusCode);
    }

    [Fact]
    public async Task A_product_is_the_same_by_its_slug_and_by_its_id()
    {
        var bySlug = await _shopper.GetAsync("/api/v1/products/homestead-tent", ShopJson.Default.ProductDetails);
        var byId = await _shopper.GetAsync($"/api/v1/products/{bySlug.Id}", ShopJson.Default.ProductDetails);

        Assert.Equal(bySlug.Slug, byId.Slug);
        Assert.NotEmpty(bySlug.Description);
        Assert.NotEmpty(bySlug.Images);
        Assert.True(bySlug.Variants.Count > 1);
        Assert.All(bySlug.Variants, variant => Assert.Equal(bySlug.Options.Count, variant.Options.Count));
        Assert.Equal(bySlug.Available, bySlug.Variants.Sum(variant => variant.Available));
    }

    [Theory]
    [InlineData("/api/v1/products/no-such-product")]
    [InlineData("/api/v1/products/00000000-0000-0000-0000-000000000001")]
    [InlineData("/api/v1/products/a%00b")]
    [InlineData("/api/v1/nothing-here")]
    public async Task What_there_is_not_is_a_404_in_problem_details(string path)
    {
        using var response = await _shopper.GetAsync(path);

        // A path with NUL in it may be refused before it gets to the shop.
        if (path.Contains("%00", StringComparison.Ordinal))
            Assert.InRange((int)response.StatusCode, 400, 404);
        else
            await Shopper.ProblemAsync(response, HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("pageSize=0", "pageSize")]
    [InlineData("pageSize=101", "pageSize")]
    [InlineData("pageSize=-1", "pageSize")]
    [InlineData("minPrice=-1", "minPrice")]
    [InlineData("maxPrice=-1", "maxPrice")]
    [InlineData("sort=cheapest", "sort")]
    [InlineData("cursor=garbage", "cursor")]
    public async Task A_wrong_filter_is_refused_by_its_name(string query, string field)
    {
        using var response = await _shopper.GetAsync($"/api/v1/products?{query}");

        var problem = await Shopper.ProblemAsync(response, HttpStatusCode.BadRequest);
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
    }

    [Theory]
    [InlineData("pageSize=many")]
    [InlineData("pageSize=99999999999")]
    [InlineData("minPrice=1.5")]
    [InlineData("inStock=perhaps")]
    public async Task A_filter_of_another_type_is_refused(string query)
    {
        using var response = await _shopper.GetAsync($"/api/v1/products?{query}");

        await Shopper.ProblemAsync(response, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_search_text_as_long_as_a_letter_is_refused()
    {
        using var response = await _shopper.GetAsync($"/api/v1/products?search={new string('a', 201)}");

        await Shopper.ProblemAsync(response, HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("search=a%00b")]
    [InlineData("category=a%00b")]
    [InlineData("brand=%00")]
    [InlineData("cursor=%00")]
    [InlineData("nobody=%00&asks=for")]
    public async Task What_can_t_be_printed_is_refused(string query)
    {
        using var response = await _shopper.GetAsync($"/api/v1/products?{query}");

        await Shopper.ProblemAsync(response, HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    [InlineData("ffffffff-ffff-ffff-ffff-ffffffffffff")]
    [InlineData("{00000000-0000-0000-0000-000000000000}")]
    [InlineData("no-such-product")]
    [InlineData("'; DROP TABLE catalog.products; --")]
    public async Task A_product_that_is_not_there_is_not_found(string slugOrId)
    {
        using var response = await _shopper.GetAsync($"/api/v1/products/{Uri.EscapeDataString(slugOrId)}");

        await Shopper.ProblemAsync(response, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_list_leaves_out_what_is_sold_out_and_has_it_again_when_it_comes_back()
    {
        var product = shop.UntouchedProduct(few: true);
        var all = $"inStock=true&search={product.Sku}";
        Assert.Contains((await SearchAsync(all)).Items, item => item.Sku == product.Sku);

        var order = await _shopper.BuyAsync(Shopper.Order(product.Sku, product.Available, "tok_timeout"));
        await Eventually.SeesAsync(
            TimeSpan.FromSeconds(30), () => SearchAsync(all), page => page.Items.All(item => item.Sku != product.Sku),
            "it is sold out in the list");
        Assert.Equal(0, (await SearchAsync($"search={product.Sku}")).Items.Single(item => item.Sku == product.Sku).Available);

        using var cancelled = await _shopper.AskForAsync(order.OrderId, order.OrderToken, "/cancel", HttpMethod.Post);
        Assert.Equal(HttpStatusCode.OK, cancelled.StatusCode);
        await Eventually.SeesAsync(
            TimeSpan.FromSeconds(30), () => SearchAsync(all), page => page.Items.Any(item => item.Sku == product.Sku),
            "it is back in the list");
    }

    [Theory]
    [InlineData("/api/v1/products")]
    [InlineData("/api/v1/categories")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/")]
    [InlineData("/products")]
    [InlineData("/robots.txt")]
    public async Task Whatever_answers_GET_answers_HEAD_without_a_body(string path)
    {
        using var head = await _shopper.SendAsync(HttpMethod.Head, path);
        using var get = await _shopper.GetAsync(path);

        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task OPTIONS_names_the_methods_there_are()
    {
        using var options = await _shopper.SendAsync(HttpMethod.Options, "/api/v1/products");

        Assert.Equal(HttpStatusCode.NoContent, options.StatusCode);
        Assert.Equal(["GET", "HEAD"], options.Content.Headers.Allow.Order());
    }

    [Fact]
    public async Task A_cursor_of_one_order_is_refused_in_another()
    {
        var byName = await SearchAsync("sort=name&pageSize=5");

        using var response = await _shopper.GetAsync($"/api/v1/products?sort=price&pageSize=5&cursor={byName.NextCursor}");

        await Shopper.ProblemAsync(response, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_menus_count_what_is_for_sale()
    {
        var total = (await SearchAsync("pageSize=1")).Total;
        var categories = await _shopper.GetAsync("/api/v1/categories", ShopJson.Default.PageCategory);
        var brands = await _shopper.GetAsync("/api/v1/brands", ShopJson.Default.PageBrand);

        Assert.Equal(total, categories.Items.Sum(category => category.ProductCount));
        Assert.Equal(total, brands.Items.Sum(brand => brand.ProductCount));
        Assert.All(categories.Items, category => Assert.NotEmpty(category.ImageUrl));
    }

    [Fact]
    public async Task The_API_describes_itself_through_the_gateway()
    {
        using var document = await _shopper.GetAsync("/openapi/v1.json");
        using var pages = await _shopper.GetAsync("/docs/index.html");

        var text = await document.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("\"openapi\": \"3.1", text, StringComparison.Ordinal);
        Assert.Contains("/api/v1/orders/{id}/events", text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, pages.StatusCode);
    }

    /// <summary>
    /// What a product costs outside the flash sales that other tests have left running: lists are sorted and filtered by that.
    /// </summary>
    private async Task<Func<ProductSummary, long>> RegularPricesAsync()
    {
        var offers = (
            await _shopper.GetAsync("/api/v1/flash-sales", ShopJson.Default.PageFlashSaleOffer)).Items.Where(offer => offer.Running);
        var regular = offers.SelectMany(offer => offer.Items).DistinctBy(item => item.Slug)
            .ToDictionary(item => item.Slug, item => item.RegularPrice.Amount);
        return product => regular.GetValueOrDefault(product.Slug, product.Price.Amount);
    }

    private Task<ProductPage> SearchAsync(string query) => _shopper.GetAsync($"/api/v1/products?{query}", ShopJson.Default.ProductPage);

    private async Task<List<ProductSummary>> AllAsync(string query)
    {
        var items = new List<ProductSummary>();
        string? cursor = null;
        do
        {
            var page = await SearchAsync($"{query}&pageSize=37{(cursor is null ? "" : $"&cursor={cursor}")}");
            items.AddRange(page.Items);
            Assert.True(items.Count < 10_000, "The pages never end.");
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        return items;
    }
}
