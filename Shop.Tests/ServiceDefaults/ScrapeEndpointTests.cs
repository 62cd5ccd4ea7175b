using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Shop.ServiceDefaults;

namespace Shop.Tests.ServiceDefaults;

public sealed partial class ScrapeEndpointTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_process_can_be_scraped_without_a_collector()
    {
        await using var shop = await ShopProcess.StartAsync(new() { ["OTEL_SERVICE_NAME"] = "shop-in-miniature" }, map: app => app.MapGet("/things/{id}", (string id) => id));
        (await shop.Outside.GetAsync("/things/lantern", Cancel)).Dispose();
        (await shop.Outside.GetAsync("/metrics", Cancel)).Dispose();

        using var answer = await shop.Outside.GetAsync("/metrics", Cancel);
        var text = await answer.Content.ReadAsStringAsync(Cancel);

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.Matches("""(?m)^target_info\{.*service_name="shop-in-miniature".*service_instance_id="[^"]+".*\} 1$""", text);
        Assert.Matches("""(?m)^http_server_request_duration_seconds_bucket\{.*http_route="/things/\{id\}".*,le="\+Inf"\} 1$""", text);
        Assert.DoesNotContain("http_route=\"/metrics\"", text, StringComparison.Ordinal);
        // It would be counted twice for each request, and nothing looks at it.
        Assert.DoesNotContain("http_server_active_requests", text, StringComparison.Ordinal);
        Assert.All(text.TrimEnd('\n').Split('\n'), line => Assert.Matches(Line(), line));
    }

    [Theory]
    [InlineData("X-Forwarded-For", "10.0.0.7")]
    [InlineData("X-Original-For", "10.0.0.7")]
    [InlineData("Forwarded", "for=127.0.0.1")]
    public async Task Whoever_came_through_a_proxy_is_told_nothing(string header, string value)
    {
        await using var shop = await ShopProcess.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics") { Headers = { { header, value } } };

        using var answer = await shop.Outside.SendAsync(request, Cancel);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task With_a_port_of_its_own_no_other_port_tells_the_metrics()
    {
        var inside = new Uri(LoopbackServer.DeadAddress());
        var outside = new Uri(LoopbackServer.DeadAddress());
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Configuration["Logging:Console:LogLevel:Default"] = "Critical";
        builder.Configuration["Shutdown:Drain"] = "00:00:00";
        builder.Configuration["Telemetry:Metrics:Port"] = $"{inside.Port}";
        builder.AddServiceDefaults();
        builder.WebHost.UseUrls(inside.OriginalString, outside.OriginalString);
        await using var app = builder.Build();
        app.MapDefaultEndpoints();
        await app.StartAsync(Cancel);
        using var client = new HttpClient();

        using var told = await client.GetAsync(new Uri(inside, "/metrics"), Cancel);
        using var refused = await client.GetAsync(new Uri(outside, "/metrics"), Cancel);

        Assert.Equal(HttpStatusCode.OK, told.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        await app.StopAsync(Cancel);
    }

    /// <summary>A line of the text format: a comment, or a sample without a timestamp.</summary>
    [GeneratedRegex("""^(?:# (?:HELP|TYPE) [a-zA-Z_:][a-zA-Z0-9_:]* .*|[a-zA-Z_:][a-zA-Z0-9_:]*(?:\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\n"])*",?)*\})? (?:[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?|NaN|[+-]Inf))$""")]
    private static partial Regex Line();
}
