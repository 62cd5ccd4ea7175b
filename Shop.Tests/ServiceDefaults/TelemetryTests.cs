using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Shop.ServiceDefaults;

namespace Shop.Tests.ServiceDefaults;

[Trait("Category", "Unit")]
public sealed class TelemetryTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Traces_metrics_and_logs_have_arrived_when_the_process_has_stopped()
    {
        var received = new ConcurrentDictionary<string, string>();
        await using var collector = await CollectAsync(received);
        await using (var shop = await ShopProcess.StartAsync(
            new Dictionary<string, string?>
            {
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address,
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                ["OTEL_SERVICE_NAME"] = "shop-in-miniature",
                // What other tests do in this process counts as well, and would take the traces of the second.
                ["OTEL_TRACES_SAMPLER"] = "always_on",
            },
            map: app =>
            {
                app.MapGet(
                    "/things/{id}",
                    (string id, ILogger<TelemetryTests> logger) => logger.LogInformation("Asked for the thing {Thing}", id));
                app.MapGroup("/pictures").AsOneRoute("pictures").MapGet("/tent.webp", () => "a tent");
                app.MapGet("/broken", string () => throw new InvalidOperationException("the cause"));
            }))
        {
            (await shop.Outside.GetAsync("/things/lantern", Cancellation)).Dispose();
            (await shop.Outside.GetAsync("/broken", Cancellation)).Dispose();
            (await shop.Outside.GetAsync("/pictures/tent.webp", Cancellation)).Dispose();
            (await shop.Outside.GetAsync("/health", Cancellation)).Dispose();
            // RabbitMQ's client would write its own trace over the one that a message carries.
            using var client = new ActivitySource("RabbitMQ.Client.Publisher");
            client.StartActivity("publish by the client", ActivityKind.Producer)?.Dispose();
            using var own = new ActivitySource("Shop.Messaging");
            own.StartActivity("publish by the shop", ActivityKind.Producer)?.Dispose();
            await shop.App.StopAsync(Cancellation);
        }

        var traces = received["/v1/traces"];
        Assert.Contains("shop-in-miniature", traces, StringComparison.Ordinal);
        Assert.Contains("GET /things/{id}", traces, StringComparison.Ordinal);
        Assert.Contains("http.route", traces, StringComparison.Ordinal);
        Assert.Contains("http.response.status_code", traces, StringComparison.Ordinal);
        Assert.Contains("url.path", traces, StringComparison.Ordinal);
        Assert.Contains("GET /broken", traces, StringComparison.Ordinal);
        Assert.Contains("the cause", traces, StringComparison.Ordinal);
        Assert.Contains("GET pictures", traces, StringComparison.Ordinal);
        Assert.DoesNotContain("GET /health", traces, StringComparison.Ordinal);
        Assert.Contains("publish by the shop", traces, StringComparison.Ordinal);
        Assert.DoesNotContain("publish by the client", traces, StringComparison.Ordinal);
        Assert.Contains("http.server.request.duration", received["/v1/metrics"], StringComparison.Ordinal);
        Assert.Contains("dotnet.gc.collections", received["/v1/metrics"], StringComparison.Ordinal);
        Assert.Contains("Asked for the thing lantern", received["/v1/logs"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_sent_when_telemetry_is_off()
    {
        var received = new ConcurrentDictionary<string, string>();
        await using var collector = await CollectAsync(received);
        await using (var shop = await ShopProcess.StartAsync(
            new()
            {
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address,
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                ["OTEL_SDK_DISABLED"] = "true",
            },
            map: app => app.MapGet("/things/{id}", (string id) => id)))
        {
            (await shop.Outside.GetAsync("/things/lantern", Cancellation)).EnsureSuccessStatusCode().Dispose();
            await shop.App.StopAsync(Cancellation);
        }

        Assert.Empty(received);
    }

    // Strings stand in the protobuf messages as they are, which is all that is looked at here.
    private static Task<LoopbackServer> CollectAsync(ConcurrentDictionary<string, string> received) =>
        LoopbackServer.StartAsync(async (context, _) =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            var text = Encoding.UTF8.GetString(body.ToArray());
            received.AddOrUpdate(context.Request.Path.Value!, text, (_, before) => before + text);
        });
}
