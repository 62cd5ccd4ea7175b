using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Shop.Contracts.Ordering;

namespace Shop.Tests.Browser;

/// <summary>
/// Every page on phone and desktop, in light and dark: nothing wider than the window, no picture missing, and a screenshot
/// kept to be looked at, in <c>TestResults/screenshots</c> or where SHOP_SCREENSHOTS says. Axe, which takes seconds a page,
/// checks each colour scheme and each layout once.
/// </summary>
[Trait("Category", "Browser")]
[Collection(RunningShopCollection.Name)]
public sealed class PageAppearanceTests(RunningShop shop, Chromium chromium) : IClassFixture<Chromium>
{
    private static readonly string Screenshots =
        Environment.GetEnvironmentVariable("SHOP_SCREENSHOTS") is { Length: > 0 } chosen
            ? chosen
            : Repository.File("TestResults", "screenshots");

    /// <summary>Of what is right, one example a rule suffices.</summary>
    private static readonly AxeRunOptions AxeOptions = new() { ResultTypes = [ResultType.Violations] };

    [Theory]
    [InlineData("phone", 360, 740, ColorScheme.Light, true)]
    [InlineData("phone", 360, 740, ColorScheme.Dark, false)]
    [InlineData("desktop", 1440, 900, ColorScheme.Light, false)]
    [InlineData("desktop", 1440, 900, ColorScheme.Dark, true)]
    public async Task Every_page_can_be_used_by_everybody(string device, int width, int height, ColorScheme colors, bool checkedByAxe)
    {
        var address = shop.App.GetEndpoint("webfrontend", "http");
        var page = await chromium.VisitAsync(address, width, height, colors);
        await FillBasketAsync(page, address);
        var order = await OrderAsync();
        (string Name, string Path, int Status)[] pages =
        [
            ("home", "/", 200),
            ("category", $"/category/{await shop.AskAsync<string>("SELECT slug FROM catalog.categories ORDER BY position LIMIT 1")}", 200),
            ("search", "/search?q=tent", 200),
            ("search-nothing", "/search?q=xyzzyplugh", 200),
            ("product", "/product/homestead-tent", 200),
            ("product-sold-out", $"/product/{await SoldOutAsync()}", 200),
            ("basket", "/basket", 200),
            ("checkout", "/checkout", 200),
            ("order", $"/orders/{order.OrderId}?token={order.OrderToken}", 200),
            ("not-found", "/no-such-page", 404),
        ];

        var complaints = new List<string>();
        foreach (var (name, path, status) in pages)
        {
            var answer = await page.GotoAsync(path);
            if (answer?.Status != status)
                complaints.Add($"{name}: answered {answer?.Status}");
            await LoadPicturesAsync(page);
            await ScreenshotAsync(page, $"{name}-{device}-{colors}");
            complaints.AddRange(checkedByAxe ? await ComplaintsAsync(page, name) : await LayoutComplaintsAsync(page, name));
        }

        Assert.Empty(complaints);
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task A_page_with_barriers_would_be_found()
    {
        var page = await chromium.VisitAsync(shop.App.GetEndpoint("webfrontend", "http"), 360);
        await page.SetContentAsync("""
            <html><body><img src="data:," >
            <p style="color: #999; background: #aaa">faint</p><div style="width: 500px">wide</div></body></html>
            """);

        var complaints = string.Join('\n', await ComplaintsAsync(page, "page"));

        foreach (var expected in new[] { "image-alt", "color-contrast", "html-has-lang", "document-title", "wider than the window",
            "no picture at" })
            Assert.Contains(expected, complaints, StringComparison.Ordinal);
        await page.Context.DisposeAsync();
    }

    private static async Task<IEnumerable<string>> ComplaintsAsync(IPage page, string name) =>
        [.. await LayoutComplaintsAsync(page, name), .. await AxeComplaintsAsync(page, name)];

    private static async Task<IEnumerable<string>> LayoutComplaintsAsync(IPage page, string name)
    {
        var overflow = await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - window.innerWidth");
        var broken = await page.EvaluateAsync<string[]>(
            "() => [...document.images].filter(image => image.complete && image.naturalWidth === 0).map(image => image.src)");
        return
        [
            .. overflow > 0 ? [$"{name}: {overflow} px wider than the window"] : Array.Empty<string>(),
            .. broken.Select(image => $"{name}: no picture at {image}"),
        ];
    }

    private static async Task<IEnumerable<string>> AxeComplaintsAsync(IPage page, string name)
    {
        var axe = await page.RunAxe(AxeOptions);
        Assert.NotEmpty(axe.Passes);
        return axe.Violations.SelectMany(
            violation => violation.Nodes.Select(node => $"{name}: {violation.Id} ({violation.Help}) at {node.Html}"));
    }

    /// <summary>Pictures further down are loaded when they come into sight.</summary>
    private static async Task LoadPicturesAsync(IPage page)
    {
        await page.EvaluateAsync("() => { for (const image of document.images) image.loading = 'eager'; }");
        await page.WaitForFunctionAsync("() => [...document.images].every(image => image.complete) && document.fonts.status === 'loaded'");
    }

    internal static async Task ScreenshotAsync(IPage page, string name) => await page.ScreenshotAsync(new PageScreenshotOptions
    {
        Path = Path.Combine(Screenshots, string.Create(CultureInfo.InvariantCulture, $"{name}.png").ToLowerInvariant()),
        FullPage = true,
    });

    private async Task FillBasketAsync(IPage page, Uri address)
    {
        var basket = Guid.NewGuid();
        using var shopper = new Shopper(shop.Client());
        foreach (var sku in new[] { "ROPE-STORM-10", "ROPE-STORM-20" })
        {
            using var put = await shopper.SendAsync(HttpMethod.Put, $"/api/v1/baskets/{basket}/items/{sku}", """{"quantity":2}""");
            Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        }

        await page.Context.AddCookiesAsync(
            [new Microsoft.Playwright.Cookie { Name = "basket", Value = basket.ToString(), Url = address.ToString() }]);
    }

    private async Task<OrderAccepted> OrderAsync()
    {
        using var shopper = new Shopper(shop.Client());
        var order = await shopper.BuyAsync(Shopper.Order("ROPE-STORM-10"));
        await shopper.SettledAsync(order);
        return order;
    }

    private Task<string> SoldOutAsync() => shop.AskAsync<string>("""
        SELECT p.slug FROM catalog.products p
        WHERE p.published AND p.skus <@ (SELECT array_agg(sku) FROM inventory.stock WHERE on_hand = 0) ORDER BY p.slug LIMIT 1
        """);
}
