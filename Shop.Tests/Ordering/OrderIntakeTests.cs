using Shop.Contracts;
using Shop.Contracts.Ordering;

namespace Shop.Tests.Ordering;

/// <summary>Orders that are written together over two replicas: each is decided on its own, and each key has one order.</summary>
[Trait("Category", "Distributed")]
[Collection(RunningShopCollection.Name)]
public sealed class OrderIntakeTests(RunningShop shop) : IDisposable
{
    private readonly Shopper _shopper = new(shop.Client());

    public void Dispose() => _shopper.Dispose();

    [Fact]
    public async Task Refused_orders_don_t_touch_those_they_are_written_with()
    {
        // Of the other product there are fewer than each of the third kind wants.
        var (wanted, other) = (shop.UntouchedProduct(), shop.UntouchedProduct(few: true));
        var orders = Enumerable.Range(0, 120).Select(number => (number % 4) switch
        {
            0 => Shopper.Order(wanted.Sku),
            1 => Shopper.Order("NO-SUCH-SKU"),
            2 => Shopper.Order(wanted.Sku) with { Items = [new(wanted.Sku, 1), new(other.Sku, Domain.Baskets.Basket.MaxQuantity)] },
            _ => Shopper.Order(wanted.Sku) with { Items = [] },
        }).ToArray();

        var answers = await Task.WhenAll(orders.Select(order => _shopper.PlaceAsync(order)));

        HttpStatusCode[] expected = [
            HttpStatusCode.Accepted, HttpStatusCode.BadRequest, HttpStatusCode.Conflict, HttpStatusCode.BadRequest];
        Assert.All(answers.Index(), answer => Assert.Equal(expected[answer.Index % 4], answer.Item.StatusCode));
        Assert.Equal(30L, await shop.AskAsync<long>("SELECT count(*) FROM ordering.lines WHERE sku = $1", wanted.Sku));
        Assert.Equal(0L, await shop.AskAsync<long>("SELECT count(*) FROM ordering.lines WHERE sku = $1", other.Sku));
        foreach (var answer in answers)
            answer.Dispose();
    }

    [Fact]
    public async Task One_key_sent_a_hundred_times_at_once_is_one_order_and_one_answer()
    {
        var product = shop.UntouchedProduct();
        var (order, key) = (Shopper.Order(product.Sku, 2), Guid.NewGuid());

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => _shopper.BuyAsync(order, key)));

        Assert.Single(answers.Distinct());
        Assert.Equal(1L, await shop.AskAsync<long>("SELECT count(*) FROM ordering.lines WHERE sku = $1", product.Sku));
    }

    [Fact]
    public async Task One_key_for_many_different_orders_at_once_is_given_to_one_of_them()
    {
        var products = Enumerable.Range(0, 4).Select(_ => shop.UntouchedProduct()).ToArray();
        var key = Guid.NewGuid();

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 40).Select(number => _shopper.PlaceAsync(Shopper.Order(products[number % 4].Sku), key)));

        Assert.Equal(10, answers.Count(answer => answer.StatusCode == HttpStatusCode.Accepted));
        Assert.Equal(30, answers.Count(answer => answer.StatusCode == HttpStatusCode.UnprocessableEntity));
        var accepted = await Task.WhenAll(answers.Where(answer => answer.StatusCode == HttpStatusCode.Accepted)
            .Select(answer => Shopper.ReadAsync(answer, HttpStatusCode.Accepted, ShopJson.Default.OrderAccepted)));
        Assert.Single(accepted.Select(order => order.OrderId).Distinct());
        Assert.Equal(1L, await shop.AskAsync<long>(
            "SELECT count(*) FROM ordering.lines WHERE sku = ANY ($1)", (object)products.Select(product => product.Sku).ToArray()));
        foreach (var answer in answers)
            answer.Dispose();
    }

    [Fact]
    public async Task Opposite_orders_of_the_same_products_never_wait_for_each_other_in_a_circle()
    {
        var (left, right) = (shop.UntouchedProduct(), shop.UntouchedProduct());
        var order = Shopper.Order(left.Sku);
        var before = await DeadlocksAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(number => _shopper.PlaceAsync(order with
        {
            Items = number % 2 == 0 ? [new(left.Sku, 1), new(right.Sku, 1)] : [new(right.Sku, 1), new(left.Sku, 1)],
        })));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode));
        Assert.Equal(50L, await shop.AskAsync<long>("SELECT count(*) FROM ordering.lines WHERE sku = $1", right.Sku));
        // One would have been mended by trying again, unseen.
        Assert.Equal(before, await DeadlocksAsync());
        foreach (var answer in answers)
            answer.Dispose();
    }

    private Task<long> DeadlocksAsync() => shop.AskAsync<long>("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()");
}
