using Shop.Contracts;
using Shop.Contracts.Baskets;
using Shop.Infrastructure.Baskets;
using StackExchange.Redis;

namespace Shop.Tests.Baskets;

/// <summary>A basket's life in the running shop.</summary>
[Trait("Category", "Distributed")]
[Collection(RunningShopCollection.Name)]
public sealed class BasketApiTests(RunningShop shop) : IDisposable
{
    private readonly Shopper _shopper = new(shop.Client());
    private readonly string _basket = $"/api/v1/baskets/{Guid.NewGuid()}";

    public void Dispose() => _shopper.Dispose();

    [Fact]
    public async Task A_basket_is_filled_changed_and_emptied_with_its_total_right_at_every_step()
    {
        var (one, other) = (shop.UntouchedProduct(), shop.UntouchedProduct());

        Assert.Empty((await _shopper.GetAsync(_basket, ShopJson.Default.Basket)).Lines);

        var basket = await PutAsync(one.Sku, 2);
        var line = Assert.Single(basket.Lines);
        Assert.Equal(
            (one.Sku, one.Slug, one.Name, 2, one.Price, one.Available),
            (line.Sku, line.Slug, line.Name, line.Quantity, line.UnitPrice, line.Available));
        Assert.Equal(2 * one.Price.Amount, line.LineTotal.Amount);
        Assert.Equal(2 * one.Price.Amount, basket.Total.Amount);

        basket = await PutAsync(one.Sku, 3);
        Assert.Equal(3, Assert.Single(basket.Lines).Quantity);

        basket = await PutAsync(other.Sku, 1);
        Assert.Equal(4, basket.ItemCount);
        Assert.Equal((3 * one.Price.Amount) + other.Price.Amount, basket.Total.Amount);

        using var removed = await _shopper.SendAsync(HttpMethod.Delete, $"{_basket}/items/{one.Sku}");
        basket = await Shopper.ReadAsync(removed, HttpStatusCode.OK, ShopJson.Default.Basket);
        Assert.Equal(other.Sku, Assert.Single(basket.Lines).Sku);

        using var emptied = await _shopper.SendAsync(HttpMethod.Delete, $"{_basket}/items/{other.Sku}");
        basket = await _shopper.GetAsync(_basket, ShopJson.Default.Basket);
        Assert.Equal((0, 0L), (basket.Lines.Count, basket.Total.Amount));
    }

    [Fact]
    public async Task Whoever_removes_what_is_not_there_is_not_told_off()
    {
        using var response = await _shopper.SendAsync(HttpMethod.Delete, $"{_basket}/items/NO-SUCH-SKU");

        Assert.Empty((await Shopper.ReadAsync(response, HttpStatusCode.OK, ShopJson.Default.Basket)).Lines);
    }

    [Fact]
    public async Task However_many_fill_it_at_once_it_takes_no_more_than_fifty_products()
    {
        var skus = await shop.AskAsync<string[]>(
            "SELECT array_agg(sku) FROM (SELECT sku FROM catalog.variants ORDER BY sku LIMIT 70) AS chosen");

        var answers = await Task.WhenAll(
            skus.Select(sku => _shopper.SendAsync(HttpMethod.Put, $"{_basket}/items/{Uri.EscapeDataString(sku)}", """{"quantity":1}""")));

        Assert.Equal(50, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        Assert.Equal(20, answers.Count(answer => answer.StatusCode == HttpStatusCode.BadRequest));
        var basket = await _shopper.GetAsync(_basket, ShopJson.Default.Basket);
        Assert.Equal(50, basket.Lines.Count);
        // More of what is in it already always fits.
        Assert.Equal(51, (await PutAsync(basket.Lines[0].Sku, 2)).ItemCount);
        foreach (var answer in answers)
            answer.Dispose();
    }

    [Fact]
    public async Task What_came_into_the_basket_while_it_was_ordered_stays_in_it()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(
            (await shop.App.GetConnectionStringAsync("cache", TestContext.Current.CancellationToken))!);
        var (store, id) = (new BasketStore(redis), Guid.NewGuid());
        await store.SetAsync(id, "TENT", 2);
        await store.SetAsync(id, "LAMP", 1);
        var ordered = await store.GetAsync(id);
        await store.SetAsync(id, "TENT", 5);
        await store.SetAsync(id, "STOVE", 1);

        await store.TakeAsync(id, ordered.Version, ordered.Quantities);

        var left = await store.GetAsync(id);
        Assert.Equal(new Dictionary<string, int> { ["TENT"] = 3, ["STOVE"] = 1 }, left.Quantities);
        Assert.NotEqual(ordered.Version, left.Version);
        await store.TakeAsync(id, left.Version, left.Quantities);
        Assert.True((await store.GetAsync(id)).IsEmpty);
    }

    [Fact]
    public async Task An_unknown_SKU_is_not_found()
    {
        using var response = await _shopper.SendAsync(HttpMethod.Put, $"{_basket}/items/NO-SUCH-SKU", """{"quantity":1}""");

        var problem = await Shopper.ProblemAsync(response, HttpStatusCode.NotFound);
        Assert.Contains("NO-SUCH-SKU", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"quantity":0}""", 400)]
    [InlineData("""{"quantity":-1}""", 400)]
    [InlineData("""{"quantity":100}""", 400)]
    [InlineData("""{"quantity":1000000000}""", 400)]
    [InlineData("""{"quantity":99999999999}""", 400)]
    [InlineData("""{"quantity":1.5}""", 400)]
    [InlineData("""{"quantity":"many"}""", 400)]
    [InlineData("""{}""", 400)]
    [InlineData("""{"quantity":""", 400)]
    [InlineData("""null""", 400)]
    [InlineData("", 400)]
    public async Task A_quantity_that_makes_no_sense_is_refused(string body, int status)
    {
        using var response = await _shopper.SendAsync(HttpMethod.Put, $"{_basket}/items/LANTERN-MIDNIGHT", body);

        await Shopper.ProblemAsync(response, (HttpStatusCode)status);
        Assert.Empty((await _shopper.GetAsync(_basket, ShopJson.Default.Basket)).Lines);
    }

    [Fact]
    public async Task A_basket_that_is_no_UUID_is_not_found()
    {
        using var response = await _shopper.GetAsync("/api/v1/baskets/mine");

        await Shopper.ProblemAsync(response, HttpStatusCode.NotFound);
    }

    private async Task<Basket> PutAsync(string sku, int quantity)
    {
        using var response = await _shopper.SendAsync(HttpMethod.Put, $"{_basket}/items/{sku}", $$"""{"quantity":{{quantity}}}""");
        return await Shopper.ReadAsync(response, HttpStatusCode.OK, ShopJson.Default.Basket);
    }
}
