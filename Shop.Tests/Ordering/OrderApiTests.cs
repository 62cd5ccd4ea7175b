using Shop.Contracts;
using Shop.Contracts.Ordering;

namespace Shop.Tests.Ordering;

/// <summary>The life of an order in the running shop, as its customer sees it and as the books show it.</summary>
[Trait("Category", "Distributed")]
[Collection(RunningShopCollection.Name)]
public sealed class OrderApiTests(RunningShop shop) : IDisposable
{
    private readonly Shopper _shopper = new(shop.Client());

    public void Dispose() => _shopper.Dispose();

    [Fact]
    public async Task An_order_is_accepted_and_confirmed_with_its_stock_sold_and_a_mail_sent()
    {
        var product = shop.UntouchedProduct();
        var email = $"{Guid.NewGuid():N}@example.com";

        using var response = await _shopper.PlaceAsync(Shopper.Order(product.Sku, 3, email: email));
        var accepted = await Shopper.ReadAsync(response, HttpStatusCode.Accepted, ShopJson.Default.OrderAccepted);
        Assert.Equal($"/api/v1/orders/{accepted.OrderId}", response.Headers.Location?.ToString());
        Assert.Equal("processing", accepted.Status);
        Assert.Equal(3 * product.Price.Amount, accepted.Total.Amount);

        var order = await _shopper.SettledAsync(accepted);
        Assert.Equal("confirmed", order.Status);
        Assert.Equal(accepted.Number, order.Number);
        Assert.Equal("paid", order.Payment.Status);
        Assert.Equal(["processing", "confirmed"], order.History.Select(entry => entry.Status));
        Assert.All(order.History, entry => Assert.NotEmpty(entry.Cause));
        Assert.False(order.CanCancel);
        var line = Assert.Single(order.Lines);
        Assert.Equal((product.Sku, product.Name, 3, product.Price), (line.Sku, line.Name, line.Quantity, line.UnitPrice));
        Assert.Equal(product.Available - 3, await AvailableAsync(product.Sku));
        await Eventually.SeesAsync(
            TimeSpan.FromSeconds(10), () => shop.MailsToAsync(email), mails => mails >= 1, "the confirmation is sent");
    }

    [Fact]
    public async Task An_order_is_confirmed_by_its_events_and_not_by_a_sweeper()
    {
        var accepted = await _shopper.BuyAsync(Shopper.Order(shop.UntouchedProduct().Sku));

        var order = await _shopper.SettledAsync(accepted);

        Assert.Equal("confirmed", order.Status);
        // No sweeper looks at an order that is younger than two minutes.
        Assert.InRange(order.History[^1].At - order.PlacedAt, TimeSpan.Zero, TimeSpan.FromMinutes(1));
    }

    [Theory]
    [InlineData("tok_declined", "declined")]
    [InlineData("tok_insufficient_funds", "insufficient funds")]
    [InlineData("tok_nobody_knows", "not known")]
    public async Task After_a_refused_card_the_order_keeps_its_stock_and_is_paid_with_another(string card, string reason)
    {
        var product = shop.UntouchedProduct();
        var accepted = await _shopper.BuyAsync(Shopper.Order(product.Sku, 5, card));
        var told = _shopper.WatchAsync(accepted);

        var order = await _shopper.RefusedAsync(accepted);

        Assert.Equal("processing", order.Status);
        Assert.Contains(reason, order.Payment.Reason, StringComparison.Ordinal);
        Assert.InRange(order.Payment.PayUntil!.Value - order.PlacedAt, TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(17));
        Assert.Equal(product.Available - 5, await AvailableAsync(product.Sku));
        Assert.Equal(0, await ChargesAsync(accepted.OrderId));

        using (var answer = await _shopper.PayAsync(accepted))
            await Shopper.ReadAsync(answer, HttpStatusCode.Accepted, ShopJson.Default.OrderDetails);
        order = await _shopper.SettledAsync(accepted);

        Assert.Equal(("confirmed", "paid"), (order.Status, order.Payment.Status));
        Assert.Null(order.Payment.PayUntil);
        Assert.Equal(1, await ChargesAsync(accepted.OrderId));
        Assert.Equal(product.Available - 5, await AvailableAsync(product.Sku));
        Assert.Equal(
            ("confirmed", "paid", 2), (await told) is [.., var last] ? (last.Status, last.PaymentStatus, last.PaymentAttempt) : default);
        Assert.Contains((await told), change => change is { Status: "processing", PaymentStatus: "refused" });
    }

    [Fact]
    public async Task Of_many_cards_at_once_after_a_refusal_one_is_charged()
    {
        var accepted = await _shopper.BuyAsync(Shopper.Order(shop.UntouchedProduct().Sku, 1, "tok_declined"));
        await _shopper.RefusedAsync(accepted);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => _shopper.PayAsync(accepted)));

        Assert.Single(answers, answer => answer.StatusCode is HttpStatusCode.Accepted);
        foreach (var late in answers.Where(answer => answer.StatusCode is not HttpStatusCode.Accepted))
        {
            var problem = await Shopper.ProblemAsync(late, HttpStatusCode.Conflict);
            Assert.Equal("urn:shop:problem:nothing-to-pay", problem.GetProperty("type").GetString());
        }

        Array.ForEach(answers, answer => answer.Dispose());
        Assert.Equal("confirmed", (await _shopper.SettledAsync(accepted)).Status);
        Assert.Equal(1, await ChargesAsync(accepted.OrderId));
    }

    [Fact]
    public async Task An_order_that_is_cancelled_after_a_refusal_gives_its_stock_back_and_takes_no_other_card()
    {
        var product = shop.UntouchedProduct();
        var accepted = await _shopper.BuyAsync(Shopper.Order(product.Sku, 5, "tok_declined"));
        await _shopper.RefusedAsync(accepted);

        Assert.Equal("cancelled", (await _shopper.CancelAsync(accepted)).Status);

        using var answer = await _shopper.PayAsync(accepted);
        await Shopper.ProblemAsync(answer, HttpStatusCode.Conflict);
        Assert.Equal(product.Available, await AvailableAsync(product.Sku));
        Assert.Equal(0, await ChargesAsync(accepted.OrderId));
    }

    [Fact]
    public async Task An_order_that_is_cancelled_while_its_card_is_being_refused_learns_of_it()
    {
        var accepted = await _shopper.BuyAsync(Shopper.Order(shop.UntouchedProduct().Sku, 1, "tok_declined"));
        var cancelled = await _shopper.CancelAsync(accepted);

        Assert.Equal("cancelled", cancelled.Status);
        // Void when it was cancelled before the bank was asked: then nothing will ever be told.
        await Eventually.SeesAsync(TimeSpan.FromSeconds(30), () => shop.AskAsync<string>("""
            SELECT o.payment_status || ' ' || coalesce(p.status, '')
            FROM ordering.orders o LEFT JOIN payments.payments p ON p.order_id = o.id WHERE o.id = $1
            """, accepted.OrderId), seen => seen is "Refused Refused" or "Pending Void", "the order and its payment agree");
    }

    [Fact]
    public async Task Only_whoever_has_the_order_pays_it_and_never_with_a_cards_own_number()
    {
        var accepted = await _shopper.BuyAsync(Shopper.Order(shop.UntouchedProduct().Sku, 1, "tok_declined"));
        await _shopper.RefusedAsync(accepted);

        using var stranger = await _shopper.PayAsync(accepted with { OrderToken = "guessed" });
        await Shopper.ProblemAsync(stranger, HttpStatusCode.NotFound);
        using var number = await _shopper.PayAsync(accepted, "4242 4242 4242 4242");
        var problem = await Shopper.ProblemAsync(number, HttpStatusCode.BadRequest);
        Assert.True(problem.GetProperty("errors").TryGetProperty("token", out _));
        Assert.Equal("refused", (await _shopper.FindAsync(accepted)).Payment.Status);
    }

    [Fact]
    public async Task A_slow_a_silent_and_a_failing_bank_end_in_confirmed_orders_that_are_charged_once()
    {
        var product = shop.UntouchedProduct();
        string[] cards = ["tok_slow", "tok_timeout", "tok_error_once"];
        var accepted = await Task.WhenAll(cards.Select(card => _shopper.BuyAsync(Shopper.Order(product.Sku, 1, card))));

        var orders = await Task.WhenAll(accepted.Select(order => _shopper.SettledAsync(order)));

        Assert.All(orders, order => Assert.Equal("confirmed", order.Status));
        Assert.All(await Task.WhenAll(accepted.Select(order => ChargesAsync(order.OrderId))), charges => Assert.Equal(1, charges));
        Assert.Equal(product.Available - 3, await AvailableAsync(product.Sku));
        // The silent and the failing bank were really asked again.
        var timesAsked = await Task.WhenAll(accepted.Select(order => shop.AskAsync<int>(
            "SELECT times_asked FROM simulated_provider.charges WHERE idempotency_key = $1", order.OrderId.ToString("N"))));
        Assert.Equal([1, 2, 2], timesAsked);
    }

    [Fact]
    public async Task Twenty_clicks_at_once_make_one_order_and_get_one_answer()
    {
        var product = shop.UntouchedProduct();
        var key = Guid.NewGuid();
        var order = Shopper.Order(product.Sku, 2);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _shopper.BuyAsync(order, key)));

        Assert.Single(answers.Distinct());
        Assert.Equal(answers[0], await _shopper.BuyAsync(order, key));
        Assert.Equal("confirmed", (await _shopper.SettledAsync(answers[0])).Status);
        Assert.Equal(answers[0], await _shopper.BuyAsync(order, key));
        Assert.Equal(1L, await shop.AskAsync<long>("SELECT count(*) FROM ordering.lines WHERE sku = $1", product.Sku));
        Assert.Equal(product.Available - 2, await AvailableAsync(product.Sku));
    }

    [Fact]
    public async Task The_same_key_for_another_order_is_refused()
    {
        var product = shop.UntouchedProduct();
        var key = Guid.NewGuid();
        await _shopper.BuyAsync(Shopper.Order(product.Sku), key);

        using var response = await _shopper.PlaceAsync(Shopper.Order(product.Sku, 2), key);

        var problem = await Shopper.ProblemAsync(response, HttpStatusCode.UnprocessableEntity);
        Assert.Equal("urn:shop:problem:idempotency-key-reused", problem.GetProperty("type").GetString());
        Assert.Equal(1L, await shop.AskAsync<long>("SELECT count(*) FROM ordering.lines WHERE sku = $1", product.Sku));
    }

    [Fact]
    public async Task A_refused_order_leaves_its_key_free_to_try_again()
    {
        var product = shop.UntouchedProduct();
        var key = Guid.NewGuid();
        using var refused = await _shopper.PlaceAsync(Shopper.Order("NO-SUCH-SKU"), key);
        await Shopper.ProblemAsync(refused, HttpStatusCode.BadRequest);

        Assert.Equal("processing", (await _shopper.BuyAsync(Shopper.Order(product.Sku), key)).Status);
    }

    [Fact]
    public async Task A_basket_is_ordered_as_it_is_and_empty_afterwards()
    {
        var (one, other) = (shop.UntouchedProduct(), shop.UntouchedProduct());
        var (basketId, key) = (Guid.NewGuid(), Guid.NewGuid());
        foreach (var (sku, quantity) in new[] { (one.Sku, 2), (other.Sku, 1) })
        {
            using var put = await _shopper.SendAsync(
                HttpMethod.Put, $"/api/v1/baskets/{basketId}/items/{sku}", $$"""{"quantity":{{quantity}}}""");
            Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        }

        var order = Shopper.Order("") with { Items = null, BasketId = basketId };
        var accepted = await _shopper.BuyAsync(order, key);

        Assert.Equal((2 * one.Price.Amount) + other.Price.Amount, accepted.Total.Amount);
        Assert.Empty((await _shopper.GetAsync($"/api/v1/baskets/{basketId}", ShopJson.Default.Basket)).Lines);
        Assert.Equal(accepted, await _shopper.BuyAsync(order, key));
        using var nothing = await _shopper.PlaceAsync(order, Guid.NewGuid());
        await Shopper.ProblemAsync(nothing, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_basket_that_is_ordered_in_two_tabs_at_once_becomes_one_order()
    {
        var product = shop.UntouchedProduct();
        for (var pair = 0; pair < 20; pair++)
        {
            var basket = await FillAsync(product.Sku, 1);
            var order = Shopper.Order("") with { Items = null, BasketId = basket.Id, BasketVersion = basket.Version };

            var answers = await Task.WhenAll(_shopper.PlaceAsync(order), _shopper.PlaceAsync(order));

            var accepted = await Shopper.ReadAsync(
                Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Accepted), HttpStatusCode.Accepted,
                ShopJson.Default.OrderAccepted);
            var problem = await Shopper.ProblemAsync(
                answers.Single(answer => answer.StatusCode != HttpStatusCode.Accepted), HttpStatusCode.Conflict);
            Assert.Equal("urn:shop:problem:basket-already-ordered", problem.GetProperty("type").GetString());
            Assert.Equal(accepted.OrderId, problem.GetProperty("orderId").GetGuid());
            foreach (var answer in answers)
                answer.Dispose();
        }

        Assert.Equal(20L, await shop.AskAsync<long>("SELECT count(*) FROM ordering.lines WHERE sku = $1", product.Sku));
    }

    [Fact]
    public async Task A_basket_that_was_changed_since_the_customer_saw_it_is_not_ordered()
    {
        var (product, other) = (shop.UntouchedProduct(), shop.UntouchedProduct());
        var seen = await FillAsync(product.Sku, 1);
        await FillAsync(other.Sku, 2, seen.Id);
        var order = Shopper.Order("") with { Items = null, BasketId = seen.Id, BasketVersion = seen.Version };

        using var refused = await _shopper.PlaceAsync(order);

        var problem = await Shopper.ProblemAsync(refused, HttpStatusCode.Conflict);
        Assert.Equal("urn:shop:problem:basket-changed", problem.GetProperty("type").GetString());
        var now = await _shopper.GetAsync($"/api/v1/baskets/{seen.Id}", ShopJson.Default.Basket);
        Assert.Equal(2, now.Lines.Count);
        Assert.Equal(now.Total, (await _shopper.BuyAsync(order with { BasketVersion = now.Version })).Total);
    }

    [Fact]
    public async Task Nobody_pays_more_than_was_shown_and_whoever_pays_less_is_told()
    {
        var product = shop.UntouchedProduct();
        var (key, price) = (Guid.NewGuid(), product.Price);
        var order = Shopper.Order(product.Sku, 2);

        foreach (var shown in new[] { price with { Amount = (2 * price.Amount) - 1 }, new Money(2 * price.Amount, "CHF") })
        {
            using var refused = await _shopper.PlaceAsync(order with { ExpectedTotal = shown }, key);
            var problem = await Shopper.ProblemAsync(refused, HttpStatusCode.Conflict);
            Assert.Equal("urn:shop:problem:price-changed", problem.GetProperty("type").GetString());
            Assert.Equal(2 * price.Amount, problem.GetProperty("total").GetProperty("amount").GetInt64());
            Assert.Equal(price.Amount, problem.GetProperty("lines")[0].GetProperty("unitPrice").GetProperty("amount").GetInt64());
        }

        var accepted = await _shopper.BuyAsync(order with { ExpectedTotal = price with { Amount = (2 * price.Amount) + 1000 } }, key);
        Assert.Equal(2 * price.Amount, accepted.Total.Amount);
        Assert.Equal(2, await shop.AskAsync<int>("SELECT quantity FROM ordering.lines WHERE order_id = $1", accepted.OrderId));
    }

    [Theory]
    [InlineData("4111111111111111")]
    [InlineData("4111 1111 1111 1111")]
    [InlineData("3782-822463-10005")]
    public async Task A_cards_own_number_is_refused_and_written_nowhere(string number)
    {
        using var refused = await _shopper.PlaceAsync(Shopper.Order("WHATEVER", card: number));

        var problem = await Shopper.ProblemAsync(refused, HttpStatusCode.BadRequest);
        Assert.True(problem.GetProperty("errors").TryGetProperty("payment.token", out _), problem.ToString());
        Assert.DoesNotContain(number, problem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_ones_order_is_not_found()
    {
        var product = shop.UntouchedProduct();
        var mine = await _shopper.BuyAsync(Shopper.Order(product.Sku));
        var anothers = await _shopper.BuyAsync(Shopper.Order(product.Sku));

        foreach (var token in new[] { null, "", "guess", anothers.OrderToken })
        {
            foreach (var (what, method) in new[] { ("", HttpMethod.Get), ("/events", HttpMethod.Get), ("/cancel", HttpMethod.Post) })
            {
                using var response = await _shopper.AskForAsync(mine.OrderId, token, what, method);
                await Shopper.ProblemAsync(response, HttpStatusCode.NotFound);
            }
        }

        using var unknown = await _shopper.AskForAsync(Guid.NewGuid(), mine.OrderToken);
        await Shopper.ProblemAsync(unknown, HttpStatusCode.NotFound);
        Assert.Equal(mine.Number, (await _shopper.FindAsync(mine)).Number);
    }

    [Fact]
    public async Task Whoever_watches_an_order_sees_it_through_to_its_end()
    {
        var accepted = await _shopper.BuyAsync(Shopper.Order(shop.UntouchedProduct().Sku, 1, "tok_slow"));

        var changes = await _shopper.WatchAsync(accepted);

        Assert.Equal(["processing", "confirmed"], changes.Select(change => change.Status));
        Assert.Equal([false, true], changes.Select(change => change.Final));
        Assert.All(changes, change => Assert.Equal(accepted.OrderId, change.OrderId));
        // Whoever comes late is told how it ended, and the stream ends at once.
        Assert.Equal("confirmed", Assert.Single(await _shopper.WatchAsync(accepted)).Status);
    }

    [Fact]
    public async Task Many_may_watch_without_keeping_others_from_the_shop_but_nobody_without_end()
    {
        var (product, orders) = (shop.UntouchedProduct(), new List<OrderAccepted>());
        for (var number = 0; number < 12; number++)
            orders.Add(await _shopper.BuyAsync(Shopper.Order(product.Sku, 1, "tok_timeout")));
        // More for each than one replica lets in, and in all more than there are connections to the database.
        var streams = await Task.WhenAll(orders.SelectMany(
            order => Enumerable.Range(0, 24).Select(_ => _shopper.AskForAsync(order.OrderId, order.OrderToken, "/events"))));
        try
        {
            var refused = streams.Where(stream => stream.StatusCode == HttpStatusCode.ServiceUnavailable).ToArray();
            Assert.NotEmpty(refused);
            Assert.All(refused, stream => Assert.NotNull(stream.Headers.RetryAfter));
            Assert.InRange(streams.Count(stream => stream.StatusCode == HttpStatusCode.OK), 12 * 8, streams.Length - refused.Length);

            var pages = await Task.WhenAll(
                Enumerable.Range(0, 40).Select(_ => _shopper.GetAsync($"/api/v1/products?search={Guid.NewGuid():N}")));
            Assert.All(pages, page => Assert.Equal(HttpStatusCode.OK, page.StatusCode));
        }
        finally
        {
            foreach (var stream in streams)
                stream.Dispose();
        }

        // With those who watched their places are free again.
        using var next = await Eventually.SeesAsync(
            TimeSpan.FromSeconds(20),
            () => _shopper.AskForAsync(orders[0].OrderId, orders[0].OrderToken, "/events"),
            stream => stream.StatusCode == HttpStatusCode.OK,
            "there is room again");
    }

    [Fact]
    public async Task A_body_in_a_charset_that_nobody_knows_is_refused()
    {
        using var response = await _shopper.SendAsync(
            HttpMethod.Post, "/api/v1/orders", "{}", "application/json; charset=foo", ("Idempotency-Key", Guid.NewGuid().ToString()));

        await Shopper.ProblemAsync(response, HttpStatusCode.UnsupportedMediaType);
    }

    [Fact]
    public async Task A_token_of_any_characters_is_just_a_wrong_one()
    {
        var order = Guid.NewGuid();
        using var http = new HttpClient(
            new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8, UseCookies = false })
        {
            BaseAddress = shop.Client().BaseAddress,
        };
        (string Path, string Header, string Value)[] asked =
            [($"/orders/{order}", "Cookie", $"order-{order:N}=é"), ($"/api/v1/orders/{order}", "Order-Token", "é")];
        foreach (var (path, header, value) in asked)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation(header, value);
            using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }
    }

    [Fact]
    public async Task A_cancelled_order_gives_stock_and_money_back()
    {
        var product = shop.UntouchedProduct();
        var accepted = await _shopper.BuyAsync(Shopper.Order(product.Sku, 4, "tok_slow"));

        using var cancelled = await _shopper.AskForAsync(accepted.OrderId, accepted.OrderToken, "/cancel", HttpMethod.Post);

        var order = await Shopper.ReadAsync(cancelled, HttpStatusCode.OK, ShopJson.Default.OrderDetails);
        Assert.Equal("cancelled", order.Status);
        Assert.False(order.CanCancel);
        Assert.Equal(product.Available, await AvailableAsync(product.Sku));
        // The slow bank either was never asked, or takes the money after the cancel: then it must go back.
        await Eventually.SeesAsync(
            TimeSpan.FromSeconds(20),
            () => shop.AskAsync<string>(
                "SELECT coalesce((SELECT status FROM payments.payments WHERE order_id = $1), 'none')", accepted.OrderId),
            status => status is "Void" or "Refunded",
            "the payment is void or refunded");
        Assert.Equal(0, await ChargesAsync(accepted.OrderId));
        Assert.Equal("cancelled", (await _shopper.FindAsync(accepted)).Status);
        Assert.Equal(product.Available, await AvailableAsync(product.Sku));

        using var again = await _shopper.AskForAsync(accepted.OrderId, accepted.OrderToken, "/cancel", HttpMethod.Post);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Fact]
    public async Task A_confirmed_order_can_not_be_cancelled_any_more()
    {
        var accepted = await _shopper.BuyAsync(Shopper.Order(shop.UntouchedProduct().Sku));
        await _shopper.SettledAsync(accepted);

        using var response = await _shopper.AskForAsync(accepted.OrderId, accepted.OrderToken, "/cancel", HttpMethod.Post);

        await Shopper.ProblemAsync(response, HttpStatusCode.Conflict);
        Assert.Equal("confirmed", (await _shopper.FindAsync(accepted)).Status);
    }

    [Fact]
    public async Task A_sold_out_line_refuses_the_whole_order()
    {
        var product = shop.UntouchedProduct();
        var soldOut = await shop.AskAsync<string>(
            "SELECT s.sku FROM inventory.stock s WHERE s.on_hand = 0 ORDER BY s.sku LIMIT 1");

        using var response = await _shopper.PlaceAsync(Shopper.Order(product.Sku) with { Items = [new(product.Sku, 1), new(soldOut, 1)] });

        var problem = await Shopper.ProblemAsync(response, HttpStatusCode.Conflict);
        Assert.Equal([soldOut], problem.GetProperty("skus").EnumerateArray().Select(sku => sku.GetString()!));
        Assert.Equal(product.Available, await AvailableAsync(product.Sku));
    }

    [Fact]
    public async Task Three_hundred_buyers_race_for_forty_lanterns_and_exactly_forty_get_one()
    {
        const string sku = RunningShop.RareSku;
        var stock = await AvailableAsync(sku);
        Assert.Equal(40, stock);

        var answers = await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => _shopper.PlaceAsync(Shopper.Order(sku))));

        var counts = answers.CountBy(answer => answer.StatusCode).OrderBy(count => count.Key);
        Assert.Equal([KeyValuePair.Create(HttpStatusCode.Accepted, 40), KeyValuePair.Create(HttpStatusCode.Conflict, 260)], counts);
        foreach (var refused in answers.Where(answer => answer.StatusCode == HttpStatusCode.Conflict))
            Assert.Equal(
                [sku],
                (await Shopper.ProblemAsync(refused, HttpStatusCode.Conflict)).GetProperty("skus").EnumerateArray()
                    .Select(value => value.GetString()!));
        Assert.Equal(0, await AvailableAsync(sku));

        var accepted = await Task.WhenAll(answers.Where(answer => answer.StatusCode == HttpStatusCode.Accepted)
            .Select(answer => Shopper.ReadAsync(answer, HttpStatusCode.Accepted, ShopJson.Default.OrderAccepted)));
        Assert.Equal(40, accepted.Select(order => order.OrderId).Distinct().Count());
        await Eventually.SeesAsync(
            TimeSpan.FromSeconds(30),
            () => shop.AskAsync<long>(
                "SELECT count(*) FROM ordering.orders WHERE status = 'Confirmed' AND id = ANY ($1)",
                accepted.Select(order => order.OrderId).ToArray()),
            confirmed => confirmed == 40,
            "all forty are confirmed");

        Assert.Equal(0, await shop.AskAsync<int>("SELECT on_hand FROM inventory.stock WHERE sku = $1", sku));
        Assert.Equal(0, await shop.AskAsync<int>("SELECT reserved FROM inventory.stock WHERE sku = $1", sku));
        Assert.Equal(0L, await shop.AskAsync<long>("SELECT sum(quantity) FROM inventory.movements WHERE sku = $1", sku));
        Assert.Equal(
            40L,
            await shop.AskAsync<long>("SELECT count(*) FROM inventory.movements WHERE sku = $1 AND cause = 'sale' AND quantity = -1", sku));
        foreach (var answer in answers)
            answer.Dispose();
    }

    [Fact]
    public async Task The_ledger_adds_up_to_what_is_in_the_house_for_every_SKU()
    {
        await _shopper.SettledAsync(await _shopper.BuyAsync(Shopper.Order(shop.UntouchedProduct().Sku, 2)));

        Assert.Equal(0L, await shop.AskAsync<long>("""
            SELECT count(*) FROM inventory.stock s
            WHERE s.on_hand <> (SELECT coalesce(sum(m.quantity), 0) FROM inventory.movements m WHERE m.sku = s.sku)
            """));
        Assert.Equal(0L, await shop.AskAsync<long>("""
            SELECT count(*) FROM inventory.stock s
            WHERE s.reserved <> (SELECT coalesce(sum(r.quantity), 0) FROM inventory.reservations r WHERE r.sku = s.sku AND r.state = 'held')
            """));
    }

    [Fact]
    public async Task Prices_come_from_the_catalogue_whatever_the_customer_sends()
    {
        var product = shop.UntouchedProduct();
        var body = JsonSerializer.Serialize(Shopper.Order(product.Sku), ShopJson.Default.PlaceOrder)
            .Replace("\"quantity\":1", "\"quantity\":1,\"unitPrice\":1,\"price\":{\"amount\":1,\"currency\":\"EUR\"}",
                StringComparison.Ordinal);

        using var response = await PostAsync(body);

        // Either the made-up price is ignored or the body is refused: it is never believed.
        if (response.StatusCode == HttpStatusCode.Accepted)
            Assert.Equal(product.Price, (await Shopper.ReadAsync(response, HttpStatusCode.Accepted, ShopJson.Default.OrderAccepted)).Total);
        else
            await Shopper.ProblemAsync(response, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task All_that_is_wrong_with_an_order_is_told_at_once()
    {
        using var response = await PostAsync(
            """{"items":[{"sku":"LANTERN-MIDNIGHT","quantity":0}],"email":"nobody","payment":{"method":"cash"}}""");

        var errors = (await Shopper.ProblemAsync(response, HttpStatusCode.BadRequest)).GetProperty("errors");
        foreach (var field in new[] { "email", "items[0].quantity", "payment.method", "payment.token", "shippingAddress.name",
            "shippingAddress.country" })
            Assert.True(errors.TryGetProperty(field, out _), $"{field} is missing in {errors}");
    }

    [Theory]
    [InlineData("\"sku\":\"LANTERN-MIDNIGHT\"", "\"sku\":\"NO-SUCH-SKU\"")]
    [InlineData("\"sku\":\"LANTERN-MIDNIGHT\"", "\"sku\":\"\"")]
    [InlineData("\"sku\":\"LANTERN-MIDNIGHT\"", "\"sku\":null")]
    [InlineData("\"sku\":\"LANTERN-MIDNIGHT\"", "\"sku\":\"a\\u0000b\"")]
    [InlineData("\"sku\":\"LANTERN-MIDNIGHT\"", "\"sku\":42")]
    [InlineData("\"Ada Byron\"", "\"Win at https://evil.example\"")]
    [InlineData("\"Ada Byron\"", "\"Win at evil.example/x\"")]
    [InlineData("\"Ada Byron\"", "\"Win at evil\u3002example/x\"")]
    [InlineData("\"Ada Byron\"", "\"Ada \u202Emoc.live\"")]
    [InlineData("\"Ada Byron\"", "\"A\u200Bda\"")]
    [InlineData("\"quantity\":1", "\"quantity\":0")]
    [InlineData("\"quantity\":1", "\"quantity\":-1")]
    [InlineData("\"quantity\":1", "\"quantity\":100")]
    [InlineData("\"quantity\":1", "\"quantity\":1000000000")]
    [InlineData("\"quantity\":1", "\"quantity\":99999999999")]
    [InlineData("\"quantity\":1", "\"quantity\":1.5")]
    [InlineData("\"quantity\":1", "\"quantity\":null")]
    [InlineData(",\"quantity\":1", "")]
    [InlineData("\"ada@example.com\"", "\"\"")]
    [InlineData("\"ada@example.com\"", "null")]
    [InlineData("\"ada@example.com\"", "\"no at sign\"")]
    [InlineData("\"ada@example.com\"", "\"ada@example.com\\r\\nBcc: all@example.com\"")]
    [InlineData("\"ada@example.com\"", "\"Ada <ada@example.com>\"")]
    [InlineData("\"Ada Byron\"", "\"  \"")]
    [InlineData("\"Ada Byron\"", "\"Ada\\u0000Byron\"")]
    [InlineData("\"NO\"", "\"Norway\"")]
    [InlineData("\"NO\"", "\"1!\"")]
    [InlineData("\"card\"", "\"cash\"")]
    [InlineData("\"tok_visa\"", "null")]
    [InlineData("\"items\":[", "\"items\":[null,")]
    [InlineData("{\"basketId\":null", "{\"basketId\":\"not-a-uuid\"")]
    [InlineData("{\"basketId\":null", "{\"basketId\":\"3f2504e0-4f89-41d3-9a0c-0305e82c3301\"")]
    [InlineData("\"coupon\":null", "\"coupon\":\"FREE\"")]
    [InlineData("{\"basketId\"", "[\"basketId\"")]
    [InlineData("}", "")]
    public async Task An_order_with_a_fault_is_a_400_and_never_a_failure(string right, string wrong)
    {
        var body = JsonSerializer.Serialize(Shopper.Order("LANTERN-MIDNIGHT"), ShopJson.Default.PlaceOrder);
        Assert.Contains(right, body, StringComparison.Ordinal);

        using var response = await PostAsync(body.Replace(right, wrong, StringComparison.Ordinal));

        await Shopper.ProblemAsync(response, HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("", "application/json", 400)]
    [InlineData("null", "application/json", 400)]
    [InlineData("[]", "application/json", 400)]
    [InlineData("{}", "application/json", 400)]
    [InlineData("{\"items\":", "application/json", 400)]
    [InlineData("not json", "application/json", 400)]
    [InlineData("{}", "text/plain", 415)]
    [InlineData("<order/>", "application/xml", 415)]
    [InlineData("sku=LANTERN-MIDNIGHT", "application/x-www-form-urlencoded", 415)]
    public async Task A_body_that_is_no_order_is_refused(string body, string contentType, int status)
    {
        using var response = await PostAsync(body, contentType);

        await Shopper.ProblemAsync(response, (HttpStatusCode)status);
    }

    [Theory]
    [InlineData("webfrontend")]
    [InlineData("apiservice")]
    public async Task A_body_of_five_megabytes_is_refused_before_it_is_read(string resource)
    {
        using var shopper = new Shopper(shop.Client(resource));
        var body = $$"""{"email":"{{new string('a', 5 * 1024 * 1024)}}"}""";

        // Asks before it sends, as curl does with a body of this size: otherwise it may be cut off while still talking.
        using var response = await shopper.SendAsync(
            HttpMethod.Post, "/api/v1/orders", body, headers: [("Idempotency-Key", Guid.NewGuid().ToString()), ("Expect", "100-continue")]);

        await Shopper.ProblemAsync(response, HttpStatusCode.RequestEntityTooLarge);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("42")]
    public async Task An_order_without_a_key_of_its_own_is_refused(string? key)
    {
        var body = JsonSerializer.Serialize(Shopper.Order("LANTERN-MIDNIGHT"), ShopJson.Default.PlaceOrder);

        using var response = key is null
            ? await _shopper.SendAsync(HttpMethod.Post, "/api/v1/orders", body)
            : await _shopper.SendAsync(HttpMethod.Post, "/api/v1/orders", body, headers: ("Idempotency-Key", key));

        var problem = await Shopper.ProblemAsync(response, HttpStatusCode.BadRequest);
        Assert.True(problem.GetProperty("errors").TryGetProperty("Idempotency-Key", out _), problem.ToString());
    }

    [Fact]
    public async Task More_products_than_an_order_takes_are_refused()
    {
        var order = Shopper.Order("X") with
        {
            Items = [.. Enumerable.Range(0, 1000).Select(
            number => new PlaceOrderItem($"SKU-{number}", 1))]
        };

        using var response = await _shopper.PlaceAsync(order);

        await Shopper.ProblemAsync(response, HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("DELETE")]
    [InlineData("PUT")]
    [InlineData("GET")]
    public async Task A_verb_that_orders_do_not_know_is_refused(string verb)
    {
        using var response = await _shopper.SendAsync(new HttpMethod(verb), "/api/v1/orders");

        await Shopper.ProblemAsync(response, HttpStatusCode.MethodNotAllowed);
    }

    private Task<HttpResponseMessage> PostAsync(string body, string contentType = "application/json") =>
        _shopper.SendAsync(HttpMethod.Post, "/api/v1/orders", body, contentType, ("Idempotency-Key", Guid.NewGuid().ToString()));

    private async Task<Contracts.Baskets.Basket> FillAsync(string sku, int quantity, Guid? basketId = null)
    {
        using var response = await _shopper.SendAsync(
            HttpMethod.Put, $"/api/v1/baskets/{basketId ?? Guid.NewGuid()}/items/{sku}", $$"""{"quantity":{{quantity}}}""");
        return await Shopper.ReadAsync(response, HttpStatusCode.OK, ShopJson.Default.Basket);
    }

    private Task<int> AvailableAsync(string sku) =>
        shop.AskAsync<int>("SELECT on_hand - reserved FROM inventory.stock WHERE sku = $1", sku);

    /// <summary>How often money was taken for this order and has not gone back.</summary>
    private async Task<int> ChargesAsync(Guid orderId) => (int)await shop.AskAsync<long>(
        "SELECT count(*) FROM simulated_provider.charges WHERE left(idempotency_key, 32) = $1 AND accepted AND refunded_at IS NULL",
        orderId.ToString("N"));
}
