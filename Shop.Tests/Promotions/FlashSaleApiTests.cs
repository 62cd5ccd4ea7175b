using Shop.Contracts;
using Shop.Contracts.Catalog;
using Shop.Contracts.Ordering;
using Shop.Contracts.Promotions;
using StackExchange.Redis;

namespace Shop.Tests.Promotions;

/// <summary>Flash sales in the running shop, as those who run it, its customers and its books see them.</summary>
[Trait("Category", "Distributed")]
[Collection(RunningShopCollection.Name)]
public sealed class FlashSaleApiTests(RunningShop shop) : IDisposable
{
    private const string Sales = "/api/v1/admin/flash-sales";
    private const string SoldOut = "urn:shop:problem:sold-out";
    private const string OverLimit = "urn:shop:problem:purchase-limit";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Shopper _shopper = new(shop.Client());
    private readonly Shopper _admin = new(shop.AdminClient());

    public void Dispose()
    {
        _shopper.Dispose();
        _admin.Dispose();
    }

    [Fact]
    public async Task Two_hundred_buyers_race_for_thirty_pieces_of_a_sale_and_exactly_thirty_get_one_at_its_price()
    {
        var product = shop.UntouchedProduct();
        var sale = await StartAsync(product, quantity: 30, limit: 1);
        var keys = Enumerable.Range(0, 200).Select(_ => Guid.NewGuid()).ToArray();

        var answers = await Task.WhenAll(keys.Select((key, number) => _shopper.PlaceAsync(Order(product, $"racer-{number}"), key)));

        Assert.Equal(30, answers.Count(answer => answer.StatusCode is HttpStatusCode.Accepted));
        foreach (var refused in answers.Where(answer => answer.StatusCode is not HttpStatusCode.Accepted))
            await AssertRefusedAsync(refused, SoldOut, product.Sku);
        var accepted = await Task.WhenAll(answers.Where(answer => answer.StatusCode is HttpStatusCode.Accepted)
            .Select(answer => Shopper.ReadAsync(answer, HttpStatusCode.Accepted, ShopJson.Default.OrderAccepted)));
        Assert.All(accepted, order => Assert.Equal(SalePrice(product), order.Total));
        var item = Assert.Single((await FindAsync(sale.Id)).Items);
        Assert.Equal((30, 0), (item.Taken, item.Remaining));
        Assert.Equal(
            30L, await shop.AskAsync<long>("SELECT sum(quantity) FROM promotions.flash_sale_purchases WHERE sale_id = $1", sale.Id));
        Assert.Equal(product.Available - 30, await AvailableAsync(product.Sku));

        // Whoever repeats an accepted order gets it again, also when the gate refuses everybody else.
        var (winner, first) = keys.Zip(answers).First(answer => answer.Second.StatusCode is HttpStatusCode.Accepted);
        var number = Array.IndexOf(keys, winner);
        Assert.Equal(
            await Shopper.ReadAsync(first, HttpStatusCode.Accepted, ShopJson.Default.OrderAccepted),
            await _shopper.BuyAsync(Order(product, $"racer-{number}"), winner));
        foreach (var answer in answers)
            answer.Dispose();
        await _shopper.SettledAsync(accepted[^1]);
    }

    [Fact]
    public async Task A_sold_out_sale_is_refused_by_the_gate_and_an_accepted_order_is_answered_still()
    {
        var product = shop.UntouchedProduct();
        var sale = await StartAsync(product, quantity: 2, limit: 5);
        var key = Guid.NewGuid();
        var accepted = await _shopper.BuyAsync(Order(product, "fast", 2), key);
        await Eventually.SeesAsync(Patience, () => IsLogCompleteAsync(sale.Id), complete => complete, "the gate's log is complete");

        // Once in a while Postgres is asked whether it is still so; else the gate refuses without the intake, which would draw an order
        // number.
        await Eventually.SeesAsync(Patience, async () =>
        {
            var before = await shop.AskAsync<long>("SELECT last_value FROM ordering.order_number");
            for (var number = 0; number < 10; number++)
            {
                using var refused = await _shopper.PlaceAsync(Order(product, $"slow-{number}"));
                await AssertRefusedAsync(refused, SoldOut, product.Sku);
            }

            return await shop.AskAsync<long>("SELECT last_value FROM ordering.order_number") - before;
        }, drawn => drawn == 0, "ten are refused without a number being drawn");
        Assert.Equal(accepted, await _shopper.BuyAsync(Order(product, "fast", 2), key));
        await _shopper.SettledAsync(accepted);
    }

    [Fact]
    public async Task A_customer_gets_no_more_than_the_limit_over_all_orders_however_the_address_is_written()
    {
        var product = shop.UntouchedProduct();
        await StartAsync(product, quantity: 50, limit: 3);
        var email = $"Greedy-{Guid.NewGuid():N}@Example.com";
        await _shopper.BuyAsync(Shopper.Order(product.Sku, 2, email: email));

        using var tooMany = await _shopper.PlaceAsync(Shopper.Order(product.Sku, 2, email: email.ToUpperInvariant()));
        await AssertRefusedAsync(tooMany, OverLimit, product.Sku);
        var last = await _shopper.BuyAsync(Shopper.Order(product.Sku, 1, email: email.ToUpperInvariant()));
        using var oneMore = await _shopper.PlaceAsync(Shopper.Order(product.Sku, 1, email: email));
        await AssertRefusedAsync(oneMore, OverLimit, product.Sku);

        var clicks = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _shopper.PlaceAsync(Order(product, "eager"))));
        Assert.Equal(3, clicks.Count(answer => answer.StatusCode is HttpStatusCode.Accepted));
        foreach (var answer in clicks)
            answer.Dispose();
        await _shopper.SettledAsync(last);
    }

    [Fact]
    public async Task A_cancelled_order_gives_its_pieces_back_to_the_sale_and_to_the_customer()
    {
        var product = shop.UntouchedProduct();
        var sale = await StartAsync(product, quantity: 2, limit: 2);
        var cancelled = await _shopper.BuyAsync(Order(product, "undecided", 2, "tok_slow"));
        using var refused = await _shopper.PlaceAsync(Order(product, "waiting", 2));
        await AssertRefusedAsync(refused, SoldOut, product.Sku);

        using var cancel = await _shopper.AskForAsync(cancelled.OrderId, cancelled.OrderToken, "/cancel", HttpMethod.Post);
        Assert.Equal(HttpStatusCode.OK, cancel.StatusCode);

        Assert.Equal(0, Assert.Single((await FindAsync(sale.Id)).Items).Taken);
        // At once: the gate was opened before the cancel was committed.
        var again = await _shopper.BuyAsync(Order(product, "undecided", 2));
        Assert.Equal(SalePrice(product).Amount * 2, again.Total.Amount);
        using var tooLate = await _shopper.PlaceAsync(Order(product, "waiting", 2));
        await AssertRefusedAsync(tooLate, SoldOut, product.Sku);
        Assert.Equal(2, Assert.Single((await FindAsync(sale.Id)).Items).Taken);
        await _shopper.SettledAsync(again);
    }

    [Fact]
    public async Task A_refused_card_keeps_its_pieces_of_the_sale_until_the_order_is_cancelled()
    {
        var product = shop.UntouchedProduct();
        var sale = await StartAsync(product, quantity: 1, limit: 1);

        var declined = await _shopper.BuyAsync(Order(product, "broke", 1, "tok_declined"));
        await _shopper.RefusedAsync(declined);
        Assert.Equal(1, Assert.Single((await FindAsync(sale.Id)).Items).Taken);
        Assert.Equal("cancelled", (await _shopper.CancelAsync(declined)).Status);

        Assert.Equal(0, Assert.Single((await FindAsync(sale.Id)).Items).Taken);
        Assert.Equal("confirmed", (await _shopper.SettledAsync(await _shopper.BuyAsync(Order(product, "solvent")))).Status);
    }

    [Fact]
    public async Task The_stock_ends_a_sale_that_has_more_pieces_than_there_are()
    {
        var product = shop.UntouchedProduct();
        await StartAsync(product, quantity: product.Available + 10, limit: 1000);
        for (var left = product.Available; left > 0; left -= 99)
            await _shopper.BuyAsync(Order(product, "hoarder", Math.Min(left, 99)));

        using var refused = await _shopper.PlaceAsync(Order(product, "late"));

        await AssertRefusedAsync(refused, SoldOut, product.Sku);
        Assert.Equal(0, await AvailableAsync(product.Sku));
    }

    [Fact]
    public async Task After_its_end_a_sold_out_sale_lets_the_stock_be_sold_at_the_ordinary_price()
    {
        var product = shop.UntouchedProduct();
        var sale = await StartAsync(product, quantity: 1, limit: 1);
        await _shopper.BuyAsync(Order(product, "first"));
        using var refused = await _shopper.PlaceAsync(Order(product, "second"));
        await AssertRefusedAsync(refused, SoldOut, product.Sku);

        var asked = TimeProvider.System.GetUtcNow();
        using var end = await _admin.SendAsync(HttpMethod.Post, $"{Sales}/{sale.Id}/end");
        var ending = await Shopper.ReadAsync(end, HttpStatusCode.OK, ShopJson.Default.FlashSaleDetails);
        Assert.InRange(ending.EndsAt, asked, TimeProvider.System.GetUtcNow().AddSeconds(5));
        await Eventually.SeesAsync(Patience, async () => (await FindAsync(sale.Id)).Status, status => status == "over", "the sale is over");

        var bought = await _shopper.BuyAsync(Order(product, "second", 2));
        Assert.Equal(2 * product.Price.Amount, bought.Total.Amount);
        await Eventually.SeesAsync(
            Patience, () => DetailsAsync(product), shown => shown.Price == product.Price && shown.CompareAtPrice == product.CompareAtPrice,
            "the ordinary price is shown");
        Assert.Equal(1, Assert.Single((await FindAsync(sale.Id)).Items).Taken);

        using var endAgain = await _admin.SendAsync(HttpMethod.Post, $"{Sales}/{sale.Id}/end");
        Assert.Equal(ending.EndsAt, (await Shopper.ReadAsync(endAgain, HttpStatusCode.OK, ShopJson.Default.FlashSaleDetails)).EndsAt);
    }

    [Fact]
    public async Task While_a_sale_runs_lists_pages_and_baskets_show_its_price_and_what_it_has_left()
    {
        var product = shop.UntouchedProduct();
        var sale = await StartAsync(product, quantity: 7, limit: 5);

        var shown = await DetailsAsync(product);
        Assert.Equal((SalePrice(product), product.Price, 7), (shown.Price, shown.CompareAtPrice, shown.Available));
        var variant = Assert.Single(shown.Variants);
        Assert.Equal((SalePrice(product), product.Price, 7), (variant.Price, variant.CompareAtPrice, variant.Available));
        Assert.Equal(new FlashSaleNote(sale.EndsAt, 5), variant.FlashSale);

        var listed = (await _shopper.GetAsync(
            $"/api/v1/products?search={product.Sku}", ShopJson.Default.ProductPage)).Items.Single(item => item.Id == product.Id);
        Assert.Equal((SalePrice(product), product.Price, 7), (listed.Price, listed.CompareAtPrice, listed.Available));

        var basketId = Guid.NewGuid();
        using var put = await _shopper.SendAsync(HttpMethod.Put, $"/api/v1/baskets/{basketId}/items/{product.Sku}", """{"quantity":2}""");
        var basket = await Shopper.ReadAsync(put, HttpStatusCode.OK, ShopJson.Default.Basket);
        var line = Assert.Single(basket.Lines);
        Assert.Equal((SalePrice(product), product.Price, 7), (line.UnitPrice, line.CompareAtPrice, line.Available));
        Assert.Equal(2 * SalePrice(product).Amount, basket.Total.Amount);

        var text = await Eventually.SeesAsync(Patience, async () =>
        {
            using var page = await _shopper.GetAsync($"/product/{product.Slug}");
            return await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        }, shown => shown.Contains("Flash sale until", StringComparison.Ordinal), "the product's page tells of the sale");
        Assert.Contains("up to 5 to a customer", text, StringComparison.Ordinal);

        var offer = Assert.Single(
            (await _shopper.GetAsync("/api/v1/flash-sales", ShopJson.Default.PageFlashSaleOffer)).Items, offer => offer.Id == sale.Id);
        Assert.True(offer.Running);
        var item = Assert.Single(offer.Items);
        Assert.Equal(
            (product.Slug, SalePrice(product), product.Price, 7, 5),
            (item.Slug, item.Price, item.RegularPrice, item.Left, item.LimitPerCustomer));
    }

    [Fact]
    public async Task A_sale_to_come_is_announced_and_changes_nothing_yet()
    {
        var product = shop.UntouchedProduct();
        var sale = await CreateAsync(Plan(product, 461, 1, startsIn: TimeSpan.FromMinutes(30)));
        Assert.Equal("upcoming", sale.Status);

        var offer = Assert.Single(
            (await _shopper.GetAsync("/api/v1/flash-sales", ShopJson.Default.PageFlashSaleOffer)).Items, offer => offer.Id == sale.Id);
        Assert.False(offer.Running);
        // So much a customer may know: its first digit, and no more than there is.
        var left = Assert.Single(offer.Items).Left;
        Assert.InRange(left, 1, product.Available);
        Assert.Matches("^[1-9]0*$", $"{left}");
        Assert.Equal(3 * product.Price.Amount, (await _shopper.BuyAsync(Order(product, "early", 3))).Total.Amount);
        Assert.Equal(product.Price, (await DetailsAsync(product)).Price);

        // Called off, it makes room for another at the same time.
        using var end = await _admin.SendAsync(HttpMethod.Post, $"{Sales}/{sale.Id}/end");
        Assert.Equal("over", (await Shopper.ReadAsync(end, HttpStatusCode.OK, ShopJson.Default.FlashSaleDetails)).Status);
        await CreateAsync(Plan(product, 5, 1, startsIn: TimeSpan.FromMinutes(30)));
    }

    [Fact]
    public async Task Two_sales_never_sell_the_same_SKU_at_the_same_time()
    {
        var (one, other) = (shop.UntouchedProduct(), shop.UntouchedProduct());
        var plan = Plan(one, 5, 1, startsIn: TimeSpan.FromHours(2));
        await CreateAsync(plan);

        using var overlapping = await PostAsync(plan with
        {
            StartsAt = plan.EndsAt!.Value.AddMinutes(-1),
            EndsAt = plan.EndsAt.Value.AddHours(1),
            Items = [.. Plan(other, 5, 1).Items!, .. plan.Items!]
        });
        var problem = await Shopper.ProblemAsync(overlapping, HttpStatusCode.Conflict);
        Assert.Equal("urn:shop:problem:flash-sales-overlap", problem.GetProperty("type").GetString());
        Assert.Equal([one.Sku], problem.GetProperty("skus").EnumerateArray().Select(sku => sku.GetString()!));

        await CreateAsync(plan with { StartsAt = plan.EndsAt, EndsAt = plan.EndsAt.Value.AddHours(1) });
        var rivals = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PostAsync(Plan(other, 5, 1, startsIn: TimeSpan.FromHours(2)))));
        Assert.Single(rivals, answer => answer.StatusCode is HttpStatusCode.Created);
        Assert.Equal(7, rivals.Count(answer => answer.StatusCode is HttpStatusCode.Conflict));
        foreach (var rival in rivals)
            rival.Dispose();
    }

    [Fact]
    public async Task All_that_is_wrong_with_a_sale_is_told_at_once()
    {
        var product = shop.UntouchedProduct();
        var now = TimeProvider.System.GetUtcNow();
        using var response = await PostAsync(new CreateFlashSale(" ", now, now.AddDays(32),
        [
            new CreateFlashSaleItem("NO-SUCH-SKU", new Money(1, "EUR"), 1, 1),
            new CreateFlashSaleItem(product.Sku, product.Price with { Amount = product.Price.Amount + 1 }, 0, 0),
            new CreateFlashSaleItem(product.Sku, new Money(1, "USD"), 1, 1),
            new CreateFlashSaleItem(null, null, 1, 1),
        ]));

        var errors = (await Shopper.ProblemAsync(response, HttpStatusCode.BadRequest)).GetProperty("errors").EnumerateObject()
            .Select(error => error.Name);
        Assert.Equal(
            [
                "endsAt", "items[0].sku", "items[1].limitPerCustomer", "items[1].price", "items[1].quantity", "items[2].price",
                "items[2].sku",
                "items[3].price", "items[3].sku", "name",
            ],
            errors.Order(StringComparer.Ordinal));
        using var nothing = await _admin.SendAsync(HttpMethod.Post, Sales, "{}");
        Assert.Equal(
            ["endsAt", "items", "name", "startsAt"],
            (await Shopper.ProblemAsync(nothing, HttpStatusCode.BadRequest)).GetProperty("errors").EnumerateObject()
                .Select(error => error.Name).Order(StringComparer.Ordinal));
        using var over = await PostAsync(Plan(product, 1, 1) with { StartsAt = now.AddHours(-2), EndsAt = now.AddHours(-1) });
        await Shopper.ProblemAsync(over, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_sales_are_listed_newest_first_page_by_page_for_those_who_have_the_key()
    {
        var product = shop.UntouchedProduct();
        var first = await CreateAsync(Plan(product, 5, 1, startsIn: TimeSpan.FromDays(1)));
        var second = await CreateAsync(Plan(product, 5, 1, startsIn: TimeSpan.FromDays(2)));

        var page = await _admin.GetAsync($"{Sales}?pageSize=1", ShopJson.Default.PageFlashSaleDetails);
        Assert.Equal(second.Id, Assert.Single(page.Items).Id);
        var next = await _admin.GetAsync($"{Sales}?pageSize=1&cursor={page.NextCursor}", ShopJson.Default.PageFlashSaleDetails);
        Assert.Equal(first.Id, Assert.Single(next.Items).Id);

        using var unknown = await _admin.GetAsync($"{Sales}/{Guid.NewGuid()}");
        await Shopper.ProblemAsync(unknown, HttpStatusCode.NotFound);
        using var endUnknown = await _admin.SendAsync(HttpMethod.Post, $"{Sales}/{Guid.NewGuid()}/end");
        await Shopper.ProblemAsync(endUnknown, HttpStatusCode.NotFound);
        using var stranger = await _shopper.GetAsync(Sales);
        await Shopper.ProblemAsync(stranger, HttpStatusCode.Unauthorized);
    }

    private static PlaceOrder Order(ProductSummary product, string customer, int quantity = 1, string card = "tok_visa") =>
        Shopper.Order(product.Sku, quantity, card, $"{customer}@{product.Slug}.example.com");

    private static Money SalePrice(ProductSummary product) => product.Price with { Amount = product.Price.Amount / 2 };

    private static CreateFlashSale Plan(ProductSummary product, int quantity, int limit, TimeSpan startsIn = default)
    {
        // Whole seconds, which Postgres keeps as they are.
        var startsAt = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()) + startsIn;
        return new CreateFlashSale(
            $"Sale of {product.Name}", startsAt, startsAt.AddHours(1),
            [new CreateFlashSaleItem(product.Sku, SalePrice(product), quantity, limit)]);
    }

    private Task<HttpResponseMessage> PostAsync(CreateFlashSale plan) =>
        _admin.SendAsync(HttpMethod.Post, Sales, JsonSerializer.Serialize(plan, ShopJson.Default.CreateFlashSale));

    private async Task<FlashSaleDetails> CreateAsync(CreateFlashSale plan)
    {
        using var response = await PostAsync(plan);
        var sale = await Shopper.ReadAsync(response, HttpStatusCode.Created, ShopJson.Default.FlashSaleDetails);
        Assert.Equal($"{Sales}/{sale.Id}", response.Headers.Location?.ToString());
        return sale;
    }

    /// <summary>A sale at half the price that runs, and that both replicas know of.</summary>
    private async Task<FlashSaleDetails> StartAsync(ProductSummary product, int quantity, int limit)
    {
        var sale = await CreateAsync(Plan(product, quantity, limit));
        // So many at once come to all replicas, each of which hears of the sale by itself.
        await Eventually.SeesAsync(
            Patience,
            async () => (await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => DetailsAsync(product))))
                .All(shown => shown.Variants[0].FlashSale is not null),
            isShown => isShown,
            "the sale's price is shown by every replica");
        return sale;
    }

    private Task<FlashSaleDetails> FindAsync(Guid saleId) => _admin.GetAsync($"{Sales}/{saleId}", ShopJson.Default.FlashSaleDetails);

    private Task<ProductDetails> DetailsAsync(ProductSummary product) =>
        _shopper.GetAsync($"/api/v1/products/{product.Slug}", ShopJson.Default.ProductDetails);

    private Task<int> AvailableAsync(string sku) =>
        shop.AskAsync<int>("SELECT on_hand - reserved FROM inventory.stock WHERE sku = $1", sku);

    private async Task<bool> IsLogCompleteAsync(Guid saleId)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(
            (await shop.App.GetConnectionStringAsync("cache", TestContext.Current.CancellationToken))!);
        return await redis.GetDatabase().HashExistsAsync($"sale:{saleId:N}:keys", "complete");
    }

    private static async Task AssertRefusedAsync(HttpResponseMessage response, string type, string sku)
    {
        var problem = await Shopper.ProblemAsync(response, HttpStatusCode.Conflict);
        Assert.Equal(type, problem.GetProperty("type").GetString());
        Assert.Equal([sku], problem.GetProperty("skus").EnumerateArray().Select(value => value.GetString()!));
    }
}
