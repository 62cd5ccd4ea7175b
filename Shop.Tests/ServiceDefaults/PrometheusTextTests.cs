using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Shop.ServiceDefaults.Telemetry;

namespace Shop.Tests.ServiceDefaults;

public sealed class PrometheusTextTests
{
    [Theory]
    [InlineData("shop.orders.accepted", "{order}", true, false, "shop_orders_accepted_total")]
    [InlineData("shop.intake.commit.duration", "s", false, false, "shop_intake_commit_duration_seconds")]
    [InlineData("shop.outbox.age", "s", false, true, "shop_outbox_age_seconds")]
    [InlineData("dotnet.process.cpu.time", "s", true, false, "dotnet_process_cpu_time_seconds_total")]
    [InlineData("dotnet.process.memory.working_set", "By", false, true, "dotnet_process_memory_working_set_bytes")]
    [InlineData("disk.read", "By/s", false, true, "disk_read_bytes_per_second")]
    [InlineData("load", "1", false, true, "load_ratio")]
    [InlineData("5xx--count", "", true, false, "_5xx_count_total")]
    public void Instruments_are_named_by_Prometheus_customs(string instrument, string unit, bool isCounter, bool isGauge, string expected) =>
        Assert.Equal(expected, PrometheusText.NameOf(instrument, unit, isCounter, isGauge));

    [Fact]
    public async Task Counters_gauges_and_histograms_are_written_with_their_labels_escaped()
    {
        var meterName = $"Tests.{Guid.NewGuid():N}";
        using var meter = new Meter(meterName);
        using var scrape = new PrometheusScrape();
        using var provider = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(ResourceBuilder.CreateEmpty().AddService("tester", serviceInstanceId: "tester-1", autoGenerateServiceInstanceId: false))
            .AddMeter(meterName).AddReader(new BaseExportingMetricReader(scrape)).Build();
        meter.CreateCounter<long>("orders", "{order}", "Orders,\nall of \\them.").Add(3, new KeyValuePair<string, object?>("what.for", "\"gift\"\n"), new KeyValuePair<string, object?>("fast", true));
        meter.CreateObservableGauge("age", () => 1.5, "s");
        meter.CreateUpDownCounter<int>("waiting").Add(-2);
        var duration = meter.CreateHistogram("duration", "s", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        foreach (var seconds in (double[])[0.05, 0.5, 0.5, 7])
            duration.Record(seconds);

        var texts = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => scrape.TextAsync(TestContext.Current.CancellationToken))));

        var scope = $"otel_scope_name=\"{meterName}\"";
        Assert.Equal("""
            # HELP target_info What sends these metrics.
            # TYPE target_info gauge
            target_info{service_name="tester",service_instance_id="tester-1"} 1
            # HELP age_seconds
            # TYPE age_seconds gauge
            age_seconds{SCOPE} 1.5
            # HELP duration_seconds
            # TYPE duration_seconds histogram
            duration_seconds_bucket{SCOPE,le="0.1"} 1
            duration_seconds_bucket{SCOPE,le="1"} 3
            duration_seconds_bucket{SCOPE,le="+Inf"} 4
            duration_seconds_sum{SCOPE} 8.05
            duration_seconds_count{SCOPE} 4
            # HELP orders_total Orders,\nall of \\them.
            # TYPE orders_total counter
            orders_total{SCOPE,fast="true",what_for="\"gift\"\n"} 3
            # HELP waiting
            # TYPE waiting gauge
            waiting{SCOPE} -2

            """.Replace("SCOPE", scope, StringComparison.Ordinal), texts[0]!.Replace(" \n", "\n", StringComparison.Ordinal));
        // Each scrape was whole, whoever else scraped at the moment.
        Assert.All(texts, text => Assert.Equal(texts[0], text));
    }
}
