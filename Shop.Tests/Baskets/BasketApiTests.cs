using Shop.Contracts;
using Shop.Contracts.Baskets;

namespace Shop.Tests.Baskets;

/// <summary>A basket's life in the running shop.</summary>
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
        Assert.Equal((one.Sku, one.Slug, one.Name, 2, one.Price, one.Available), (line.Sku, line.Slug, line.Name, line.Quantity, line.UnitPrice, line.Available));
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
