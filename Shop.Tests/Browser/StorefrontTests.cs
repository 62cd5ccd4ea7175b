using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Shop.Tests.Browser;

/// <summary>The shop as a customer with a browser meets it.</summary>
[Trait("Category", "Browser")]
[Collection(RunningShopCollection.Name)]
public sealed partial class StorefrontTests(RunningShop shop, Chromium chromium) : IClassFixture<Chromium>
{
    private readonly string _email = $"{Guid.NewGuid():N}@example.com";

    private Uri Address => shop.App.GetEndpoint("webfrontend", "http");

    [Fact]
    public async Task A_visitor_finds_a_product_buys_it_and_sees_the_order_become_confirmed()
    {
        var product = shop.UntouchedProduct();
        var page = await chromium.VisitAsync(Address);
        var troubles = Troubles(page);

        await page.GotoAsync("/");
        await page.GetByTestId("search-input").FillAsync(product.Name);
        await page.GetByTestId("search-input").PressAsync("Enter");
        await Expect(page).ToHaveURLAsync(SearchAddress());
        await page.GetByTestId("product-card").GetByRole(AriaRole.Link, new() { Name = product.Name, Exact = true }).ClickAsync();

        await Expect(page).ToHaveURLAsync(new Regex($"/product/{product.Slug}"));
        await page.GetByTestId("add-to-basket").ClickAsync();
        await Expect(page.GetByTestId("basket-count").First).ToContainTextAsync("1");

        await page.GotoAsync("/basket");
        await Expect(page.GetByTestId("basket-line")).ToHaveCountAsync(1);
        await Expect(page.GetByTestId("basket-line")).ToContainTextAsync(product.Name);
        await page.GetByTestId("checkout-link").ClickAsync();

        await FillCheckoutAsync(page, "tok_slow");
        await page.GetByTestId("place-order").ClickAsync();

        await Expect(page).ToHaveURLAsync(OrderAddress());
        await Expect(page.GetByTestId("order-status")).ToHaveAttributeAsync("data-status", "processing");
        // Lost if the page were loaded anew: what follows comes over the event stream.
        await page.EvaluateAsync("() => { window.neverReloaded = true; }");
        await Expect(page.GetByTestId("order-status")).ToHaveAttributeAsync("data-status", "confirmed");
        Assert.True(await page.EvaluateAsync<bool>("() => window.neverReloaded === true"));
        await Expect(page.GetByTestId("basket-count").First).ToContainTextAsync("0");

        Assert.Equal("Confirmed", await shop.AskAsync<string>("SELECT status FROM ordering.orders WHERE email = $1", _email));
        Assert.Equal(
            product.Available - 1, await shop.AskAsync<int>("SELECT on_hand - reserved FROM inventory.stock WHERE sku = $1", product.Sku));
        Assert.Empty(troubles);
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task A_double_click_on_Place_order_makes_one_order()
    {
        var page = await CheckoutAsync();

        await page.GetByTestId("place-order").DblClickAsync();

        await Expect(page).ToHaveURLAsync(OrderAddress());
        Assert.Equal(1L, await OrdersAsync());
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task The_same_form_sent_five_times_at_once_makes_one_order_even_without_the_pages_scripts()
    {
        var page = await CheckoutAsync();

        var addresses = await page.EvaluateAsync<string[]>("""
            async () => {
              const form = document.querySelector("form.checkout");
              const send = () => fetch(location.href, { method: "POST", body: new URLSearchParams(new FormData(form)) });
              return (await Promise.all(Array.from({ length: 5 }, send))).map(answer => answer.url);
            }
            """);

        Assert.Matches(OrderAddress(), Assert.Single(addresses.Distinct()));
        Assert.Equal(1L, await OrdersAsync());
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task A_basket_survives_the_browser_being_closed()
    {
        var product = shop.UntouchedProduct();
        var page = await chromium.VisitAsync(Address);
        await page.GotoAsync($"/product/{product.Slug}");
        await page.GetByTestId("add-to-basket").ClickAsync();
        await Expect(page.GetByTestId("basket-count").First).ToContainTextAsync("1");
        var cookies = await page.Context.StorageStateAsync();
        await page.Context.DisposeAsync();

        var nextDay = await chromium.VisitAsync(Address, storageState: cookies);
        await nextDay.GotoAsync("/basket");

        await Expect(nextDay.GetByTestId("basket-line")).ToContainTextAsync(product.Name);
        await nextDay.Context.DisposeAsync();
    }

    [Fact]
    public async Task A_declined_card_is_explained_on_the_orders_page_and_another_one_pays()
    {
        var page = await CheckoutAsync("tok_declined");

        await page.GetByTestId("place-order").ClickAsync();

        await Expect(page.Locator("main")).ToContainTextAsync("declined");
        await Expect(page.GetByTestId("order-status")).ToHaveTextAsync("To be paid");
        await page.GetByTestId("pay-again").ClickAsync();

        await Expect(page.GetByTestId("order-status")).ToHaveAttributeAsync("data-status", "confirmed");
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task What_was_cancelled_is_put_back_into_the_basket_and_the_form_is_filled()
    {
        var page = await CheckoutAsync("tok_declined");
        var (email, city) = (await page.Locator("#email").InputValueAsync(), await page.Locator("#city").InputValueAsync());
        await page.GetByTestId("place-order").ClickAsync();
        await Expect(page.GetByTestId("pay-again")).ToBeVisibleAsync();
        await page.GetByTestId("cancel-order").ClickAsync();
        await Expect(page.GetByTestId("order-status")).ToHaveAttributeAsync("data-status", "cancelled");

        await page.GetByTestId("reorder").ClickAsync();

        await Expect(page).ToHaveURLAsync(new Regex("/checkout$"));
        await Expect(page.Locator("#email")).ToHaveValueAsync(email);
        await Expect(page.Locator("#city")).ToHaveValueAsync(city);
        await page.GetByTestId("place-order").ClickAsync();
        await Expect(page.GetByTestId("order-status")).ToHaveAttributeAsync("data-status", "confirmed");
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task A_form_with_mistakes_comes_back_as_it_was_typed_with_each_mistake_at_its_field()
    {
        var page = await CheckoutAsync();
        await page.Locator("#email").FillAsync("nobody");
        await page.Locator("#city").FillAsync("");

        await page.GetByTestId("place-order").ClickAsync();

        await Expect(page.Locator("#email")).ToHaveAttributeAsync("aria-invalid", "true");
        await Expect(page.Locator("#city")).ToHaveAttributeAsync("aria-invalid", "true");
        await Expect(page.Locator("#email")).ToHaveValueAsync("nobody");
        await Expect(page.Locator("#name")).ToHaveValueAsync("Ada Byron");
        Assert.Equal(0L, await OrdersAsync());
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task A_visitor_whose_browser_runs_no_scripts_can_buy_as_well()
    {
        var product = shop.UntouchedProduct();
        using var browser = new HttpClient(new HttpClientHandler()) { BaseAddress = Address };
        var forms = new FormWalk(browser);

        await forms.OpenAsync($"/product/{product.Slug}");
        await forms.SubmitAsync("form[action='/basket/add']");
        await forms.OpenAsync("/checkout");
        var last = await forms.SubmitAsync(
            "form.checkout",
            ("email", _email), ("name", "Ada Byron"), ("line1", "Main Street 1"), ("postalCode", "5003"), ("city", "Bergen"),
            ("country", "NO"), ("card", "tok_visa"));

        Assert.Matches(OrderAddress(), last.ToString());
        Assert.Equal(1L, await OrdersAsync());
    }

    /// <summary>What a page should never cause: script errors and failed requests. Grows while the page lives.</summary>
    private static List<string> Troubles(IPage page)
    {
        var troubles = new List<string>();
        page.PageError += (_, error) => troubles.Add(error);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
                troubles.Add(message.Text);
        };
        page.Response += (_, response) =>
        {
            if (response.Status >= 400)
                troubles.Add($"{response.Status} {response.Url}");
        };
        return troubles;
    }

    /// <summary>A visitor in front of the filled-in checkout, one product in the basket.</summary>
    private async Task<IPage> CheckoutAsync(string card = "tok_visa")
    {
        var page = await chromium.VisitAsync(Address);
        await page.GotoAsync($"/product/{shop.UntouchedProduct().Slug}");
        await page.GetByTestId("add-to-basket").ClickAsync();
        await Expect(page.GetByTestId("basket-count").First).ToContainTextAsync("1");
        await page.GotoAsync("/checkout");
        await FillCheckoutAsync(page, card);
        return page;
    }

    private async Task FillCheckoutAsync(IPage page, string card)
    {
        await page.Locator("#email").FillAsync(_email);
        await page.Locator("#name").FillAsync("Ada Byron");
        await page.Locator("#line1").FillAsync("Main Street 1");
        await page.Locator("#postalCode").FillAsync("5003");
        await page.Locator("#city").FillAsync("Bergen");
        await page.Locator("#country").SelectOptionAsync("NO");
        await page.Locator($"input[name=card][value={card}]").CheckAsync();
    }

    private Task<long> OrdersAsync() => shop.AskAsync<long>("SELECT count(*) FROM ordering.orders WHERE email = $1", _email);

    [GeneratedRegex(@"/search\?q=")]
    private static partial Regex SearchAddress();

    [GeneratedRegex("/orders/[0-9a-f-]{36}$")]
    private static partial Regex OrderAddress();
}
