using System.Net.Http.Json;
using Shop.Contracts;
using Shop.Contracts.Ordering;

namespace Shop.Tests.Ordering;

/// <summary>Orders taken back and cancelled by whoever runs the shop: stock, money and customer all hear of it.</summary>
[Trait("Category", "Distributed")]
[Collection(RunningShopCollection.Name)]
public sealed class OrderAdministrationTests(RunningShop shop) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Shopper _shopper = new(shop.Client());
    private readonly HttpClient _admin = shop.AdminClient();

    public void Dispose()
    {
        _shopper.Dispose();
        _admin.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_paid_order_that_is_taken_back_returns_the_money_and_with_restock_the_pieces(bool restock)
    {
        var product = shop.UntouchedProduct();
        var email = $"{Guid.NewGuid():N}@example.com";
        var accepted = await _shopper.BuyAsync(Shopper.Order(product.Sku, 4, email: email));
        Assert.Equal("confirmed", (await _shopper.SettledAsync(accepted)).Status);

        var order = await AskAsync(accepted.OrderId, "refund", new Refund("The parcel came back.", restock));

        Assert.Equal("refunded", order.Status);
        Assert.Equal(["processing", "confirmed", "refunded"], order.History.Select(entry => entry.Status));
        Assert.Equal("The parcel came back.", order.History[^1].Cause);
        await Eventually.SeesAsync(
            Patience, () => _shopper.FindAsync(accepted), seen => seen.Payment.Status == "refunded", "the money is back");
        Assert.Equal(1L, await shop.AskAsync<long>(
            "SELECT count(*) FROM simulated_provider.charges WHERE idempotency_key = $1 AND refunded_at IS NOT NULL",
            accepted.OrderId.ToString("N")));

        Assert.Equal(
            product.Available - (restock ? 0 : 4),
            await shop.AskAsync<int>("SELECT on_hand FROM inventory.stock WHERE sku = $1", product.Sku));
        Assert.Equal(restock ? 4L : 0L, await shop.AskAsync<long>(
            "SELECT coalesce(sum(quantity), 0)::bigint FROM inventory.movements WHERE order_id = $1 AND cause = 'return'",
            accepted.OrderId));
        await Eventually.SeesAsync(Patience, () => shop.MailsToAsync(email), mails => mails == 2, "the customer was written to twice");
    }

    [Fact]
    public async Task Taking_an_order_back_twice_does_it_once()
    {
        var product = shop.UntouchedProduct();
        var accepted = await _shopper.BuyAsync(Shopper.Order(product.Sku, 3));
        await _shopper.SettledAsync(accepted);

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 5).Select(_ => AskAsync(accepted.OrderId, "refund", new Refund("Never sent.", Restock: true))));

        Assert.All(answers, order => Assert.Equal("refunded", order.Status));
        Assert.Equal(product.Available, await shop.AskAsync<int>("SELECT on_hand FROM inventory.stock WHERE sku = $1", product.Sku));
        await Eventually.SeesAsync(
            Patience, () => _shopper.FindAsync(accepted), seen => seen.Payment.Status == "refunded", "the money is back");
        Assert.Equal(
            1L,
            await shop.AskAsync<long>(
                "SELECT count(*) FROM ordering.history WHERE order_id = $1 AND status = 'Refunded'", accepted.OrderId));
    }

    [Fact]
    public async Task A_parcel_that_comes_back_after_the_refund_is_put_back_once()
    {
        var product = shop.UntouchedProduct();
        var accepted = await _shopper.BuyAsync(Shopper.Order(product.Sku, 2));
        await _shopper.SettledAsync(accepted);
        await AskAsync(accepted.OrderId, "refund", new Refund("Lost on the way.", Restock: false));

        await AskAsync(accepted.OrderId, "refund", new Refund("It has turned up.", Restock: true));
        await AskAsync(accepted.OrderId, "refund", new Refund("It has turned up.", Restock: true));

        Assert.Equal(product.Available, await shop.AskAsync<int>("SELECT on_hand FROM inventory.stock WHERE sku = $1", product.Sku));
        await Eventually.SeesAsync(
            Patience, () => _shopper.FindAsync(accepted), seen => seen.Payment.Status == "refunded", "the money is back");
    }

    [Fact]
    public async Task An_unpaid_order_is_cancelled_and_can_not_be_refunded_and_a_paid_one_the_other_way_round()
    {
        var unpaid = await _shopper.BuyAsync(Shopper.Order(shop.UntouchedProduct().Sku, card: "tok_slow"));
        using (var refused = await SendAsync(unpaid.OrderId, "refund", new Refund("No.", Restock: true)))
            await Shopper.ProblemAsync(refused, HttpStatusCode.Conflict);
        Assert.Equal("cancelled", (await AskAsync(unpaid.OrderId, "cancel", new CancelOrder("We have none left after all."))).Status);

        var paid = await _shopper.BuyAsync(Shopper.Order(shop.UntouchedProduct().Sku));
        await _shopper.SettledAsync(paid);
        using (var refused = await SendAsync(paid.OrderId, "cancel", new CancelOrder("No.")))
            await Shopper.ProblemAsync(refused, HttpStatusCode.Conflict);

        await Eventually.SeesAsync(
            Patience, () => _shopper.FindAsync(unpaid), seen => seen.Payment.Status == "refunded", "what the slow bank took went back");
    }

    [Fact]
    public async Task Nobody_without_the_key_is_let_in_and_mistakes_are_told()
    {
        var accepted = await _shopper.BuyAsync(Shopper.Order(shop.UntouchedProduct().Sku));

        using (var stranger = await _shopper.SendAsync(HttpMethod.Get, $"/api/v1/admin/orders/{accepted.OrderId}"))
            await Shopper.ProblemAsync(stranger, HttpStatusCode.Unauthorized);
        using (var wrong = await _shopper.SendAsync(
            HttpMethod.Get, $"/api/v1/admin/orders/{accepted.OrderId}", headers: ("Authorization", "Bearer wrong")))
            await Shopper.ProblemAsync(wrong, HttpStatusCode.Unauthorized);
        using (var unknown = await SendAsync(Guid.NewGuid(), "refund", new Refund("Who?", Restock: false)))
            await Shopper.ProblemAsync(unknown, HttpStatusCode.NotFound);
        using (var silent = await SendAsync(accepted.OrderId, "refund", new Refund(" ", Restock: false)))
            Assert.True((await Shopper.ProblemAsync(silent, HttpStatusCode.BadRequest)).GetProperty("errors")
                .TryGetProperty("reason", out _));
        await _shopper.SettledAsync(accepted);
    }

    private async Task<OrderDetails> AskAsync<T>(Guid orderId, string what, T request)
    {
        using var response = await SendAsync(orderId, what, request);
        return await Shopper.ReadAsync(response, HttpStatusCode.OK, ShopJson.Default.OrderDetails);
    }

    private Task<HttpResponseMessage> SendAsync<T>(Guid orderId, string what, T request) => _admin.PostAsJsonAsync(
        $"/api/v1/admin/orders/{orderId}/{what}", request, ShopJson.Default.Options, TestContext.Current.CancellationToken);
}
