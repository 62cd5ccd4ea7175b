using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Embedded.Dashboard;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Shop.Tests.Embedded.Dashboard;

/// <summary>What OpenTelemetry's own SDK sends is shown as it was meant, over both protocols.</summary>
public sealed class ReceiverTests
{
    private const int FlushMilliseconds = 10_000;

    private static readonly string[] Letters = ["a", "b"];

    [Theory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public async Task A_trace_is_shown_with_attributes_events_links_and_error(OtlpExportProtocol protocol)
    {
        await using var bench = await DashboardBench.StartAsync();
        var name = $"Tests.{Guid.NewGuid():N}";
        using var source = new ActivitySource(name);
        using var provider = bench.Tracing(name, protocol);
        var link = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
        ActivityTraceId traceId;
        using (var root = source.StartActivity("order", ActivityKind.Server))
        {
            traceId = root!.TraceId;
            root.SetTag("shop.order.id", "0a1b").SetTag("count", 42).SetTag("ratio", 0.5).SetTag("good", true).SetTag("list", Letters);
            using var child = source.StartActivity("charge", ActivityKind.Client, parentContext: default, links: [new ActivityLink(link, new ActivityTagsCollection { ["why"] = "same batch" })]);
            child!.AddEvent(new ActivityEvent("retry", tags: new ActivityTagsCollection { ["attempt"] = 2 }));
            child.SetStatus(ActivityStatusCode.Error, "declined");
        }

        Assert.True(provider.ForceFlush(FlushMilliseconds));

        var listed = Assert.Single((await bench.AskAsync("api/traces?text=0a1b&errors=true")).GetProperty("items").EnumerateArray());
        Assert.Equal(traceId.ToHexString(), listed.GetProperty("traceId").GetString());
        Assert.Equal(("order", 2, 1), (listed.GetProperty("name").GetString(), listed.GetProperty("spanCount").GetInt32(), listed.GetProperty("errorCount").GetInt32()));
        Assert.Empty((await bench.AskAsync("api/traces?text=nothing-like-it")).GetProperty("items").EnumerateArray());

        var spans = (await bench.AskAsync($"api/traces/{traceId.ToHexString()}")).GetProperty("spans").EnumerateArray().ToDictionary(span => span.GetProperty("name").GetString()!);
        var (order, charge) = (spans["order"], spans["charge"]);
        Assert.Equal("tester", order.GetProperty("resource").GetString());
        Assert.Equal("tester-1", order.GetProperty("replica").GetString());
        Assert.Equal(name, order.GetProperty("scope").GetString());
        Assert.Equal("Server", order.GetProperty("kind").GetString());
        Assert.Equal(JsonValueKind.Null, order.GetProperty("parentId").ValueKind);
        Assert.Equal(new Dictionary<string, string> { ["shop.order.id"] = "0a1b", ["count"] = "42", ["ratio"] = "0.5", ["good"] = "true", ["list"] = "[a, b]" }, Attributes(order));
        Assert.Equal(order.GetProperty("spanId").GetString(), charge.GetProperty("parentId").GetString());
        Assert.Equal(("Error", "declined"), (charge.GetProperty("status").GetString(), charge.GetProperty("statusMessage").GetString()));
        var happened = Assert.Single(charge.GetProperty("events").EnumerateArray());
        Assert.Equal("retry", happened.GetProperty("name").GetString());
        Assert.Equal("2", Attributes(happened)["attempt"]);
        var linked = Assert.Single(charge.GetProperty("links").EnumerateArray());
        Assert.Equal(link.TraceId.ToHexString(), linked.GetProperty("traceId").GetString());
        Assert.Equal("same batch", Attributes(linked)["why"]);
    }

    [Theory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public async Task Logs_are_shown_with_level_attributes_exception_and_trace(OtlpExportProtocol protocol)
    {
        await using var bench = await DashboardBench.StartAsync();
        using var activity = new Activity("work").Start();
        using (var factory = LoggerFactory.Create(logging => logging.AddOpenTelemetry(options =>
        {
            options.SetResourceBuilder(DashboardBench.Sender());
            options.IncludeFormattedMessage = true;
            options.AddOtlpExporter(exporter => bench.Configure(exporter, protocol, "v1/logs"));
        })))
        {
            var logger = factory.CreateLogger("Shop.Payments");
            logger.LogInformation("Order {Number} is paid.", 17);
            logger.LogError(new InvalidOperationException("the card is gone"), "Order {Number} failed.", 18);
        }

        var logs = (await bench.AskAsync($"api/logs?trace={activity.TraceId.ToHexString()}")).GetProperty("items").EnumerateArray().ToArray();
        Assert.Equal(["Order 18 failed.", "Order 17 is paid."], logs.Select(log => log.GetProperty("message").GetString()));
        Assert.Equal(("Error", "Shop.Payments", "tester"), (logs[0].GetProperty("level").GetString(), logs[0].GetProperty("category").GetString(), logs[0].GetProperty("resource").GetString()));
        Assert.Contains("the card is gone", logs[0].GetProperty("exception").GetString(), StringComparison.Ordinal);
        Assert.Equal("17", Attributes(logs[1])["Number"]);
        Assert.Equal(activity.SpanId.ToHexString(), logs[1].GetProperty("spanId").GetString());
        Assert.Single((await bench.AskAsync("api/logs?level=Error")).GetProperty("items").EnumerateArray());
        Assert.Empty((await bench.AskAsync("api/logs?resource=another")).GetProperty("items").EnumerateArray());
    }

    [Theory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public async Task Metrics_are_shown_as_rates_values_and_percentiles(OtlpExportProtocol protocol)
    {
        await using var bench = await DashboardBench.StartAsync();
        var name = $"Tests.{Guid.NewGuid():N}";
        using var meter = new Meter(name);
        var (orders, waiting, duration, size) = (
            meter.CreateCounter<long>("orders", "{order}", "Orders that were accepted."), meter.CreateUpDownCounter<long>("waiting"), meter.CreateHistogram<double>("duration", "s"), meter.CreateHistogram<double>("size"));
        meter.CreateObservableGauge("age", () => 3.5, "s");
        using var provider = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(DashboardBench.Sender()).AddMeter(name)
            .AddView("duration", new ExplicitBucketHistogramConfiguration { Boundaries = [0.1, 0.2, 0.4] })
            .AddView("size", new Base2ExponentialBucketHistogramConfiguration())
            .AddOtlpExporter((exporter, reader) =>
            {
                bench.Configure(exporter, protocol, "v1/metrics");
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = int.MaxValue;
            }).Build();
        Measure();
        Assert.True(provider.ForceFlush(FlushMilliseconds));
        Measure();
        Assert.True(provider.ForceFlush(FlushMilliseconds));

        var listed = Assert.Single((await bench.AskAsync("api/metrics")).EnumerateArray());
        Assert.Equal("tester", listed.GetProperty("resource").GetString());
        var kinds = Assert.Single(listed.GetProperty("meters").EnumerateArray()).GetProperty("instruments").EnumerateArray()
            .ToDictionary(instrument => instrument.GetProperty("name").GetString()!, instrument => instrument.GetProperty("kind").GetString());
        Assert.Equal(new Dictionary<string, string?> { ["orders"] = "counter", ["waiting"] = "updown", ["duration"] = "histogram", ["size"] = "histogram", ["age"] = "gauge" }, kinds);

        var rate = await SeriesAsync("orders");
        Assert.Equal("card", Attributes(rate)["way"]);
        Assert.True(Assert.Single(rate.GetProperty("points").EnumerateArray()).GetProperty("v").GetDouble() > 0);
        Assert.Equal([2.0, 4.0], (await SeriesAsync("waiting")).GetProperty("points").EnumerateArray().Select(point => point.GetProperty("v").GetDouble()));
        Assert.Equal([3.5, 3.5], (await SeriesAsync("age")).GetProperty("points").EnumerateArray().Select(point => point.GetProperty("v").GetDouble()));
        var measured = Assert.Single((await SeriesAsync("duration")).GetProperty("points").EnumerateArray());
        // 100 measurements of 0.15: all of them in the bucket from 0.1 to 0.2.
        Assert.InRange(measured.GetProperty("p50").GetDouble(), 0.149, 0.151);
        Assert.InRange(measured.GetProperty("p99").GetDouble(), 0.198, 0.2);
        Assert.InRange(Assert.Single((await SeriesAsync("size")).GetProperty("points").EnumerateArray()).GetProperty("p50").GetDouble(), 990, 1010);

        void Measure()
        {
            orders.Add(5, new KeyValuePair<string, object?>("way", "card"));
            waiting.Add(2);
            for (var count = 0; count < 100; count++)
            {
                duration.Record(0.15);
                size.Record(1000);
            }
        }

        async Task<JsonElement> SeriesAsync(string instrument) => Assert.Single(
            (await bench.AskAsync($"api/metrics/series?resource=tester&meter={name}&instrument={instrument}")).GetProperty("series").EnumerateArray());
    }

    [Fact]
    public async Task Who_doesn_t_know_the_key_is_sent_away_by_both_protocols()
    {
        await using var bench = await DashboardBench.StartAsync();

        using var wrong = await bench.SendAsync(Protobuf([]), key: "guessed");
        using var none = await bench.SendAsync(Protobuf([]), key: null);
        using var call = new HttpRequestMessage(HttpMethod.Post, new Uri(bench.Server.GrpcUrl, "opentelemetry.proto.collector.trace.v1.TraceService/Export"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = Protobuf([0, 0, 0, 0, 0], "application/grpc"),
        };
        using var refused = await bench.Client.SendAsync(call, TestContext.Current.CancellationToken);
        await refused.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, none.StatusCode);
        Assert.Equal("16", refused.TrailingHeaders.GetValues("grpc-status").Single());
    }

    [Fact]
    public async Task What_is_no_telemetry_is_answered_with_a_sentence_and_harms_nothing()
    {
        await using var bench = await DashboardBench.StartAsync();

        using var json = await bench.SendAsync(new StringContent("{}", MediaTypeHeaderValue.Parse("application/json")));
        using var garbage = await bench.SendAsync(Protobuf([0xFF, 0xFF, 0xFF]));
        using var notPacked = await bench.SendAsync(Packed([1, 2, 3]));
        using var bomb = await bench.SendAsync(Packed(Compress(new byte[64 * 1024 * 1024])));

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, json.StatusCode);
        Assert.Contains("protobuf", await json.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.All([garbage, notPacked, bomb], answer => Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode));
        Assert.Contains("16 MiB", await bomb.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(0, (await bench.AskAsync("api/summary")).GetProperty("spans").GetProperty("received").GetInt64());
    }

    private static ByteArrayContent Protobuf(byte[] bytes, string type = "application/x-protobuf") => new(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };

    private static ByteArrayContent Packed(byte[] bytes)
    {
        var content = Protobuf(bytes);
        content.Headers.ContentEncoding.Add("gzip");
        return content;
    }

    private static byte[] Compress(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(bytes);
        return packed.ToArray();
    }

    private static Dictionary<string, string> Attributes(JsonElement element) => element.GetProperty("attributes").EnumerateArray()
        .Where(pair => pair[0].GetString() != "{OriginalFormat}").ToDictionary(pair => pair[0].GetString()!, pair => pair[1].GetString()!);
}
