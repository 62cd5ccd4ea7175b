using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Playwright;
using Shop.Benchmarks.Topology;
using Shop.Tests.ServiceDefaults;

namespace Shop.Tests.Browser;

/// <summary>What a developer sees of the running shop in Aspire's dashboard.</summary>
[Trait("Category", "Browser")]
[Collection(RunningShopCollection.Name)]
public sealed partial class DashboardTests(RunningShop shop, Chromium chromium) : IClassFixture<Chromium>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly string[] Steps =
        ["POST /api/{**rest}", "POST /api/v1/orders/", "write order", "charge", "write transition", "send e-mail"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Token => shop.App.Services.GetRequiredService<IConfiguration>()["AppHost:BrowserToken"]!;

    private Uri Address => shop.App.GetEndpoint("aspire-dashboard", "http");

    [Fact]
    public async Task One_order_is_one_trace_from_the_click_to_the_mail()
    {
        using var shopper = new Shopper(shop.Client());
        using var api = await ApiAsync();
        var sku = shop.UntouchedProduct().Sku;
        // A process under load leaves out spans rather than wait for the dashboard: what was missing in one order's trace is in another's.
        var trace = await Eventually.SeesAsync(
            3 * Patience, async () => await TraceAsync(api, shopper, sku), found => found.Missing.Length == 0,
            "an order's trace is complete");

        var page = await LogInAsync();
        await page.GotoAsync($"/traces/detail/{trace.Id}");
        foreach (var span in Steps)
            await page.GetByText(span).First.WaitForAsync();
        foreach (var service in new[] { "webfrontend", "apiservice", "worker" })
            await page.GetByText(service).First.WaitForAsync();
    }

    [Fact]
    public async Task The_list_of_traces_is_of_customers_and_not_of_the_shops_own_polling()
    {
        using var shopper = new Shopper(shop.Client());
        using var page = await shopper.GetAsync("/api/v1/products?pageSize=1");
        using var api = await ApiAsync();
        var roots = await Eventually.SeesAsync(
            Patience, async () => (await SpansAsync(api, "traces?limit=1000")).Where(span => span["parentSpanId"] is null).ToArray(),
            spans => spans.Length > 0, "something is traced");

        Assert.All(roots, root => Assert.NotEqual("Npgsql", root["scopeName"]!.GetValue<string>()));
        Assert.DoesNotContain(roots, root => Probe().IsMatch(root["name"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_replica_that_is_killed_in_the_dashboard_comes_back()
    {
        var instance = (await shop.App.InstancesAsync("apiservice", Cancellation))[0];
        var page = await LogInAsync();
        var row = page.Locator("tr").Filter(new() { Has = page.Locator(".resource-name-text", new() { HasText = instance.ResourceId }) });
        var kill = page.Locator("fluent-menu-item:visible", new() { HasTextRegex = Kill() });
        // The page is shown before it listens: a click may go nowhere.
        await Eventually.SeesAsync(Patience, async () =>
        {
            await row.Locator("fluent-button").Last.ClickAsync();
            var commands = page.Locator("fluent-menu-item:visible", new() { HasText = "Commands" }).First;
            try
            {
                await commands.Or(kill).First.WaitForAsync(new() { Timeout = 3_000 });
                if (await commands.IsVisibleAsync())
                    await commands.ClickAsync();
                await kill.WaitForAsync(new() { Timeout = 3_000 });
                return true;
            }
            catch (TimeoutException)
            {
                return false;
            }
        }, open => open, "the menu of the replica is open");
        await kill.ClickAsync();
        await page.GetByText("nothing that was accepted is lost").WaitForAsync();
        await page.Locator("fluent-button:visible", new() { HasTextRegex = Yes() }).ClickAsync();

        await shop.App.ResourceNotifications.WaitForResourceAsync(
            "apiservice",
            change => change.ResourceId == instance.ResourceId && change.Snapshot.HealthStatus == HealthStatus.Healthy
                && AppProcesses.ProcessIdOf(change) is { } now && now != AppProcesses.ProcessIdOf(instance),
            Cancellation).WaitAsync(Patience, Cancellation);
        await row.GetByText("Running").WaitForAsync();
    }

    [Fact]
    public async Task A_page_of_another_port_reads_nothing_of_the_dashboard_shows_none_of_it_and_sends_it_no_command()
    {
        var page = await LogInAsync();
        await using var stranger = await LoopbackServer.StartAsync((context, _) =>
        {
            context.Response.ContentType = "text/html";
            return context.Response.WriteAsync("<title>Another port of this machine</title>", Cancellation);
        });
        // Another port of the same host is the same site, so the cookie of the dashboard travels along.
        await page.GotoAsync(new UriBuilder(stranger.Address) { Host = Address.Host }.Uri.ToString());
        var (http, hub) = (Address.ToString(), new UriBuilder(Address) { Scheme = "ws", Path = "_blazor" }.Uri.ToString());

        Assert.Equal("TypeError", await page.EvaluateAsync<string>(
            "at => fetch(at, { credentials: 'include' }).then(answer => answer.status + '', refused => refused.name)", http));
        Assert.Equal("TypeError", await page.EvaluateAsync<string>(
            "at => fetch(at, { method: 'POST', credentials: 'include' }).then(answer => answer.status + '', refused => refused.name)",
            $"{http}_blazor/negotiate?negotiateVersion=1"));
        Assert.Equal("closed", await page.EvaluateAsync<string>("""
            at => new Promise(done => {
                const socket = new WebSocket(at);
                socket.onopen = () => socket.send('{"protocol":"blazorpack","version":1}\u001e');
                socket.onmessage = message => done('answered');
                socket.onerror = socket.onclose = () => done('closed');
            })
            """, hub));
        var refusal = page.WaitForConsoleMessageAsync(
            new() { Predicate = said => said.Text.Contains("frame-ancestors", StringComparison.Ordinal) });
        await page.EvaluateAsync("at => document.body.append(Object.assign(document.createElement('iframe'), { src: at }))", http);
        await refusal;
    }

    [Fact]
    public async Task Nothing_is_warned_of_and_a_servers_log_begins_with_its_own_words()
    {
        var page = await LogInAsync();
        await page.GetByText("webfrontend").First.WaitForAsync();
        Assert.Equal(0, await page.GetByText("certificate", new() { Exact = false }).CountAsync());
        Assert.Equal(0, await page.GetByText("postgres-server").CountAsync());

        await page.GotoAsync("/consolelogs/resource/messaging");
        await page.GetByText("RabbitMQ").First.WaitForAsync();
        Assert.Equal(0, await page.GetByText("[sys]").CountAsync());
    }

    private async Task<IPage> LogInAsync()
    {
        var page = await chromium.VisitAsync(Address, 1400);
        await page.GotoAsync($"/login?t={Token}");
        await page.GetByText("webfrontend").First.WaitForAsync();
        return page;
    }

    /// <summary>The dashboard's own API, for whoever may look at its pages.</summary>
    private async Task<HttpClient> ApiAsync()
    {
        var http = new HttpClient { BaseAddress = Address };
        using var answer = await http.PostAsJsonAsync("/api/telemetry/validateToken", new { token = Token }, Cancellation);
        http.DefaultRequestHeaders.Add(
            "x-api-key", (await answer.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!["apiKey"]!.GetValue<string>());
        return http;
    }

    /// <summary>Buys one piece; the trace that the dashboard has of it, and which of <see cref="Steps"/> aren't in it.</summary>
    private static async Task<(string? Id, string Missing)> TraceAsync(HttpClient api, Shopper shopper, string sku)
    {
        var order = await shopper.BuyAsync(Shopper.Order(sku));
        await shopper.SettledAsync(order);
        (string? Id, string Missing) seen = (null, "everything");
        var patience = Stopwatch.StartNew();
        await Eventually.SeesAsync(
            Patience,
            async () =>
            {
                foreach (var trace in (await SpansAsync(api, $"spans?search={order.OrderId}&limit=100")).Select(Text("traceId")).Distinct())
                {
                    var names = (await SpansAsync(api, $"traces/{trace}")).Select(Text("name")).ToArray();
                    var missing = string.Join(", ", Steps.Except(names));
                    if (seen.Id is null || missing.Length < seen.Missing.Length)
                        seen = (trace, missing);
                }

                return seen.Missing.Length == 0 || patience.Elapsed > Patience / 3;
            },
            enough => enough, "the order's trace is complete, or long overdue");
        return seen;
    }

    private static Func<JsonNode, string> Text(string property) => node => node[property]!.GetValue<string>();

    private static async Task<IReadOnlyList<JsonNode>> SpansAsync(HttpClient api, string path)
    {
        var answer = (await api.GetFromJsonAsync<JsonObject>($"/api/telemetry/{path}", Cancellation))!;
        var spans = new List<JsonNode>();
        foreach (var scope in answer["data"]!["resourceSpans"]!.AsArray().SelectMany(resource => resource!["scopeSpans"]!.AsArray()))
        {
            foreach (var span in scope!["spans"]!.AsArray())
            {
                span!["scopeName"] = scope["scope"]!["name"]!.GetValue<string>();
                spans.Add(span);
            }
        }

        return spans;
    }

    [GeneratedRegex(@"^\s*Kill \(SIGKILL\)\s*$")]
    private static partial Regex Kill();

    [GeneratedRegex(@"^\s*Yes\s*$")]
    private static partial Regex Yes();

    [GeneratedRegex("/(health|alive|metrics)$")]
    private static partial Regex Probe();
}
