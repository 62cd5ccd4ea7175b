using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Shop.ServiceDefaults;

namespace Shop.Tests.ServiceDefaults;

[Trait("Category", "Unit")]
public sealed partial class ScrapeEndpointTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_process_can_be_scraped_without_a_collector()
    {
        await using var shop = await StartAsync(app => app.MapGet("/scraped/{id}", (string id) => id));
        (await shop.Outside.GetAsync("/scraped/lantern", Cancellation)).Dispose();
        (await shop.Outside.GetAsync("/health", Cancellation)).Dispose();

        using var answer = await shop.Management.GetAsync("/metrics", Cancellation);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);

        Assert.StartsWith("text/plain; ", answer.Content.Headers.ContentType?.ToString(), StringComparison.Ordinal);
        Assert.Matches("""(?m)^target_info\{.*service_name="shop-in-miniature".*\} 1$""", text);
        Assert.Matches("""(?m)^target_info\{.*service_instance_id="[^"]+".*\} 1$""", text);
        Assert.Matches("""(?m)^http_server_request_duration_seconds_bucket\{.*http_route="/scraped/\{id\}".*,le="\+Inf"\} 1\b""", text);
        Assert.Contains(",le=\"0.2\"}", text, StringComparison.Ordinal);
        // Who asks for metrics and health is no customer.
        Assert.DoesNotContain("http_route=\"/metrics\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("http_route=\"/health\"", text, StringComparison.Ordinal);
        // They would be counted for each request, and nothing looks at them.
        Assert.DoesNotContain("http_server_active_requests", text, StringComparison.Ordinal);
        Assert.DoesNotContain("aspnetcore_routing_match_attempts", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_port_for_customers_tells_no_metrics_whatever_the_caller_claims()
    {
        await using var shop = await StartAsync(_ => { });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Host = $"localhost:{shop.Management.BaseAddress!.Port}";

        using var answer = await shop.Outside.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsStringAsync(Cancellation));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("OTEL_SDK_DISABLED", "true")]
    public async Task Without_a_port_for_management_or_telemetry_there_are_no_metrics(string? key, string? value)
    {
        await using var shop = await ShopProcess.StartAsync(
            key is null ? [] : new() { [key] = value, [ShopProcess.ManagementPort] = ShopProcess.FreePort() });

        using var answer = await (key is null ? shop.Outside : shop.Management).GetAsync("/metrics", Cancellation);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory]
    [InlineData("urls", "http://127.0.0.1:0;http://127.0.0.1:0", 3)]
    [InlineData("http_ports", "0", 2)]
    public async Task The_port_for_management_comes_on_top_of_the_others(string key, string value, int ports)
    {
        var management = ShopProcess.FreePort();
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Configuration["Logging:Console:LogLevel:Default"] = "Critical";
        builder.Configuration["Shutdown:Drain"] = "00:00:00";
        builder.Configuration[ShopProcess.ManagementPort] = management;
        builder.Configuration[key] = value;
        builder.AddServiceDefaults();
        await using var app = builder.Build();
        app.MapDefaultEndpoints();

        await app.StartAsync(Cancellation);

        Assert.Equal(ports, app.Urls.Count);
        Assert.Single(app.Urls, url => url.EndsWith($":{management}", StringComparison.Ordinal));
        await app.StopAsync(Cancellation);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("70000")]
    [InlineData("inside")]
    public async Task A_port_that_is_none_stops_the_start(string port)
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(
            () => ShopProcess.StartAsync(new() { [ShopProcess.ManagementPort] = port }));

        Assert.Contains($"Management:Port must be a port from 1 to 65535, not '{port}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_pictures_are_one_route()
    {
        await using var shop = await StartAsync(app =>
        {
            var pictures = app.MapGroup("/").AsOneRoute("pictures");
            pictures.MapGet("/tent.webp", () => Results.Ok());
            pictures.MapGet("/lantern.webp", () => Results.Ok());
        });
        (await shop.Outside.GetAsync("/tent.webp", Cancellation)).Dispose();
        (await shop.Outside.GetAsync("/lantern.webp", Cancellation)).Dispose();

        var counts = Count().Matches(await shop.Management.GetStringAsync("/metrics", Cancellation));

        Assert.Equal([("pictures", "2")], counts.Select(count => (count.Groups[1].Value, count.Groups[2].Value)));
    }

    private static Task<ShopProcess> StartAsync(Action<WebApplication> map) =>
        ShopProcess.StartAsync(
            new() { ["OTEL_SERVICE_NAME"] = "shop-in-miniature", [ShopProcess.ManagementPort] = ShopProcess.FreePort() }, map: map);

    [GeneratedRegex("""^http_server_request_duration_seconds_count\{.*http_route="([^"]*)".*\} (\d+)""", RegexOptions.Multiline)]
    private static partial Regex Count();
}
