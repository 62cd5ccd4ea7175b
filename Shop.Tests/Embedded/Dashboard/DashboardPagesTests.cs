using System.Text.Json;
using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Shop.Tests.Browser;
using Shop.Tests.Distributed;
using Shop.Tests.Ordering;
using static Microsoft.Playwright.Assertions;

namespace Shop.Tests.Embedded.Dashboard;

/// <summary>The dashboard of the running shop, as a developer with a browser meets it.</summary>
[Collection(RunningShopCollection.Name)]
public sealed class DashboardPagesTests(RunningShop shop, Chromium chromium) : IClassFixture<Chromium>, IDisposable
{
    private readonly Shopper _shopper = new(shop.Client());

    public void Dispose() => _shopper.Dispose();

    [Fact]
    public async Task An_order_is_followed_from_the_click_to_the_e_mail_in_one_waterfall_with_its_logs()
    {
        var order = await _shopper.BuyAsync(Shopper.Order(shop.UntouchedProduct().Sku));
        await _shopper.SettledAsync(order);
        var page = await OpenAsync();

        await page.GotoAsync($"/#/traces?text={order.OrderId}");
        await page.GetByTestId("trace").Filter(new() { HasText = "POST" }).First.GetByRole(AriaRole.Link).ClickAsync();
        var spans = page.GetByTestId("span");
        foreach (var resource in (string[])["webfrontend", "apiservice", "worker"])
            await Expect(page.Locator($"[data-testid=span][data-span-resource={resource}]").First).ToBeVisibleAsync();
        foreach (var peer in (string[])["postgresql", "rabbitmq", "simulated"])
            await Expect(page.Locator($"[data-testid=span][data-span-peer={peer}]").First).ToBeVisibleAsync();
        await Expect(page.Locator("[data-testid=span][data-span-name=charge]")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-testid=span][data-span-name='send e-mail']").First).ToBeVisibleAsync();

        await spans.Filter(new() { HasText = "write order" }).First.GetByRole(AriaRole.Button).Last.ClickAsync();
        await Expect(page.GetByTestId("span-details")).ToContainTextAsync(order.OrderId.ToString());

        await page.GetByTestId("trace-logs").ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex("#/logs\\?trace=[0-9a-f]{32}"));
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Structured logs" })).ToBeVisibleAsync();
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task A_replica_that_is_killed_here_comes_back_here()
    {
        var page = await OpenAsync();
        var replica = page.GetByTestId("replica-apiservice-2");
        await Expect(replica).ToHaveAttributeAsync("data-health", "Healthy");
        var restarts = int.Parse((await replica.GetAttributeAsync("data-restarts"))!, System.Globalization.CultureInfo.InvariantCulture);

        await replica.Locator("[data-command=kill]").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("Kill apiservice-2?");
        await page.GetByRole(AriaRole.Button, new() { Name = "Kill", Exact = true }).ClickAsync();

        await Expect(replica).ToHaveAttributeAsync("data-restarts", $"{restarts + 1}");
        await Expect(replica).ToHaveAttributeAsync("data-health", "Healthy", new() { Timeout = 60_000 });
        await page.Context.DisposeAsync();
    }

    [Theory]
    [InlineData("desktop", 1360, 860, ColorScheme.Dark)]
    [InlineData("phone", 390, 844, ColorScheme.Light)]
    public async Task Every_page_can_be_used_by_everybody(string device, int width, int height, ColorScheme colors)
    {
        await _shopper.SettledAsync(await _shopper.BuyAsync(Shopper.Order(shop.UntouchedProduct().Sku)));
        var page = await OpenAsync(width, height, colors);
        var troubles = new List<string>();
        page.PageError += (_, error) => troubles.Add(error);
        foreach (var (name, address, ready) in (IEnumerable<(string, string, string)>)
        [
            ("resources", "/#/resources", "[data-testid=resource-worker]"),
            ("graph", "/#/graph", "[data-testid=node-apiservice]"),
            ("console", "/#/console?resource=messaging", "[data-testid=console] .text"),
            ("logs", "/#/logs", "[data-testid=log]"),
            ("traces", "/#/traces?resource=worker", "[data-testid=trace]"),
            ("metrics", "/#/metrics?resource=apiservice&meter=Shop.Ordering&instrument=shop.orders.accepted", ".chart"),
        ])
        {
            await page.GotoAsync(address);
            await Expect(page.Locator(ready).First).ToBeVisibleAsync();
            await PageAppearanceTests.ScreenshotAsync(page, $"dashboard-{name}-{device}-{colors}");
            var violations = await page.RunAxe(new AxeRunOptions { ResultTypes = [ResultType.Violations] });
            troubles.AddRange(violations.Violations.Select(violation => $"{name}: {violation.Id}: {violation.Help} {string.Join(' ', violation.Nodes.Select(node => node.Html))}"));
            var tooWide = await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1");
            if (tooWide)
                troubles.Add($"{name}: wider than the window");
        }

        Assert.Empty(troubles);
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task No_secret_is_shown()
    {
        var page = await OpenAsync();
        var answer = await page.APIRequest.GetAsync("/api/resources");
        var text = await answer.TextAsync();

        using var resources = JsonDocument.Parse(text);
        var apiservice = resources.RootElement.EnumerateArray().Single(resource => resource.GetProperty("name").GetString() == "apiservice");
        var variables = apiservice.GetProperty("environment").EnumerateArray().ToDictionary(variable => variable.GetProperty("name").GetString()!, variable => variable.GetProperty("value").GetString()!);
        Assert.Matches("Password=•+;", variables["ConnectionStrings__shopdb"]);
        Assert.Matches("^•+$", variables["Admin__ApiKey"]);
        Assert.DoesNotContain(RunningShop.AdminKey, text, StringComparison.Ordinal);
        var password = new Npgsql.NpgsqlConnectionStringBuilder(await shop.App.GetConnectionStringAsync("shopdb", TestContext.Current.CancellationToken)).Password!;
        Assert.DoesNotContain(password, text, StringComparison.Ordinal);
        await page.Context.DisposeAsync();
    }

    private async Task<IPage> OpenAsync(int width = 1360, int height = 860, ColorScheme colors = ColorScheme.Light)
    {
        var dashboard = shop.App.Dashboard!;
        var page = await chromium.VisitAsync(dashboard.Url, width, height, colors);
        await page.GotoAsync(dashboard.LoginUrl.ToString());
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Resources" })).ToBeVisibleAsync();
        return page;
    }
}
