namespace Shop.Tests.Payments;

/// <summary>What the running shop does with what a payment provider, or somebody who says he is one, sends it.</summary>
[Trait("Category", "Distributed")]
[Collection(RunningShopCollection.Name)]
public sealed class PaymentEventApiTests(RunningShop shop) : IDisposable
{
    private readonly Shopper _shopper = new(shop.Client());

    public void Dispose() => _shopper.Dispose();

    [Fact]
    public async Task An_event_confirms_an_order_whose_bank_never_answered_and_the_same_again_changes_nothing()
    {
        var product = shop.UntouchedProduct();
        var accepted = await _shopper.BuyAsync(Shopper.Order(product.Sku, 1, "tok_timeout"));
        await ChargedAsync(accepted.OrderId);

        var body = Event("payment.succeeded", accepted.OrderId);
        foreach (var answer in new[] { await SendAsync(body), await SendAsync(body) })
            Assert.Equal(HttpStatusCode.OK, answer);

        var order = await _shopper.SettledAsync(accepted);
        Assert.Equal("confirmed", order.Status);
        Assert.Equal(["processing", "confirmed"], order.History.Select(entry => entry.Status));
        // It was the event that settled it, and not the bank asked again.
        await Eventually.SeesAsync(
            TimeSpan.FromSeconds(20),
            () => shop.AskAsync<string>(
                "SELECT string_agg(outcome, ', ') FROM payments.provider_events WHERE payload LIKE $1 AND handled_at IS NOT NULL",
                $"%{accepted.OrderId}%"),
            outcome => outcome is "settled",
            "the event is handled, once");
    }

    [Fact]
    public async Task An_event_of_money_for_a_cancelled_order_sends_it_back()
    {
        var product = shop.UntouchedProduct();
        var accepted = await _shopper.BuyAsync(Shopper.Order(product.Sku, 1, "tok_timeout"));
        await ChargedAsync(accepted.OrderId);
        using var cancelled = await _shopper.AskForAsync(accepted.OrderId, accepted.OrderToken, "/cancel", HttpMethod.Post);
        Assert.Equal(HttpStatusCode.OK, cancelled.StatusCode);

        Assert.Equal(HttpStatusCode.OK, await SendAsync(Event("payment.succeeded", accepted.OrderId)));

        await Eventually.SeesAsync(
            TimeSpan.FromSeconds(20),
            () => shop.AskAsync<string>("SELECT status FROM payments.payments WHERE order_id = $1", accepted.OrderId),
            status => status is "Refunded",
            "the money is given back");
        Assert.Equal(0L, await shop.AskAsync<long>(
            "SELECT count(*) FROM simulated_provider.charges WHERE idempotency_key = $1 AND accepted AND refunded_at IS NULL",
            accepted.OrderId.ToString("N")));
        Assert.Equal(
            product.Available, await shop.AskAsync<int>("SELECT on_hand - reserved FROM inventory.stock WHERE sku = $1", product.Sku));
    }

    [Theory]
    [InlineData("")]
    [InlineData("t=1,v1=00")]
    [InlineData("forged")]
    [InlineData("stale")]
    [InlineData("from the future")]
    public async Task An_event_with_a_wrong_signature_is_refused_and_not_kept(string what)
    {
        var body = Event("payment.succeeded", Guid.NewGuid());
        var now = DateTimeOffset.UtcNow;
        var signature = what switch
        {
            "forged" => StripeServer.Sign(body, "whsec_of_a_stranger", now),
            "stale" => StripeServer.Sign(body, RunningShop.PaymentEventSecret, now.AddMinutes(-6)),
            "from the future" => StripeServer.Sign(body, RunningShop.PaymentEventSecret, now.AddMinutes(6)),
            _ => what,
        };
        var before = await shop.AskAsync<long>("SELECT count(*) FROM payments.provider_events");

        using var response = await PostAsync("simulated", body, signature);

        await Shopper.ProblemAsync(response, HttpStatusCode.Unauthorized);
        Assert.Equal(before, await shop.AskAsync<long>("SELECT count(*) FROM payments.provider_events"));
    }

    [Theory]
    [InlineData("stripe")]
    [InlineData("nobody")]
    public async Task A_provider_that_the_shop_has_no_secret_of_is_not_meters(string provider)
    {
        var body = Event("payment.succeeded", Guid.NewGuid());

        using var response = await PostAsync(provider, body, Signed(body));

        await Shopper.ProblemAsync(response, HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"id":"evt_1","type":"payment.succeeded"}""")]
    [InlineData("""{"id":"evt_1","type":"payment.succeeded","data":{"object":[]}}""")]
    public async Task What_is_signed_and_no_event_is_refused(string text)
    {
        var body = Encoding.UTF8.GetBytes(text);

        using var response = await PostAsync("simulated", body, Signed(body));

        await Shopper.ProblemAsync(response, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task An_event_that_is_far_too_long_is_refused_before_it_is_read()
    {
        using var response = await _shopper.SendAsync(
            HttpMethod.Post, "/api/v1/payments/events/simulated", new string('a', 300 * 1024),
            headers: [(WebhookSignature.Header, "t=1,v1=00"), ("Expect", "100-continue")]);

        await Shopper.ProblemAsync(response, HttpStatusCode.RequestEntityTooLarge);
    }

    /// <summary>The bank has taken the money and is silent about it.</summary>
    private Task ChargedAsync(Guid orderId) => Eventually.SeesAsync(
        TimeSpan.FromSeconds(20),
        () => shop.AskAsync<long>(
            "SELECT count(*) FROM simulated_provider.charges WHERE idempotency_key = $1 AND accepted", orderId.ToString("N")),
        charges => charges == 1,
        "the bank has taken the money");

    private static byte[] Event(string type, Guid orderId) => Encoding.UTF8.GetBytes(
        $$$$$"""
        {"id":"evt_{{{{{Guid.NewGuid():N}}}}}","type":"{{{{{type}}}}}",
         "data":{"object":{"id":"sim_{{{{{orderId:N}}}}}","metadata":{"order_id":"{{{{{orderId}}}}}"}}}}
        """);

    private static string Signed(byte[] body) => StripeServer.Sign(body, RunningShop.PaymentEventSecret, DateTimeOffset.UtcNow);

    private async Task<HttpStatusCode> SendAsync(byte[] body)
    {
        using var response = await PostAsync("simulated", body, Signed(body));
        return response.StatusCode;
    }

    private Task<HttpResponseMessage> PostAsync(string provider, byte[] body, string signature) => _shopper.SendAsync(
        HttpMethod.Post, $"/api/v1/payments/events/{provider}", Encoding.UTF8.GetString(body),
        headers: (WebhookSignature.Header, signature));
}
