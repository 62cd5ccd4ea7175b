using System.Globalization;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Shop.ServiceDefaults.Telemetry;

internal static class TelemetryExtensions
{
    private const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string Disabled = "OTEL_SDK_DISABLED";

    private const string RequestDuration = "http.server.request.duration";

    /// <summary>ASP.NET Core's own, in seconds, and the 200 ms that the shop promises (docs/slo.md): without a bound there nobody could tell whether it keeps it.</summary>
    private static readonly double[] RequestDurationBounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.2, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    /// <summary>Counted for each request or each statement, which isn't free, and told better by what is kept: durations with their counts, and <c>kestrel.*</c>.</summary>
    private static readonly HashSet<string> LeftOut = new(StringComparer.Ordinal)
    {
        "http.server.active_requests",
        "db.client.operation.npgsql.executing",
        "db.client.operation.npgsql.bytes_read",
        "db.client.operation.npgsql.bytes_written",
    };

    private static readonly string[] Sources =
    [
        "Microsoft.AspNetCore",
        "System.Net.Http",
        "Npgsql",
        "OpenTelemetry.Instrumentation.StackExchangeRedis",
        "Shop.*",
    ];

    private static readonly string[] Meters =
    [
        "Microsoft.AspNetCore.Hosting",
        "Microsoft.AspNetCore.Diagnostics",
        "Microsoft.AspNetCore.RateLimiting",
        "Microsoft.AspNetCore.Server.Kestrel",
        "System.Net.Http",
        "System.Runtime",
        "Npgsql",
        "Shop.*",
    ];

    /// <summary>
    /// Metrics for whoever scrapes them; and traces, metrics and logs to the collector that
    /// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names. Nothing at all with <c>OTEL_SDK_DISABLED=true</c>.
    /// </summary>
    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        if (string.Equals(builder.Configuration[Disabled], "true", StringComparison.OrdinalIgnoreCase)) return;

        builder.Services.AddSingleton<PrometheusScrape>();
        var telemetry = new TelemetryBuilder(builder.Services)
            .WithMetrics(metrics => metrics
                .AddMeter([.. Meters, builder.Environment.ApplicationName])
                .AddView(RequestDuration, new ExplicitBucketHistogramConfiguration { Boundaries = RequestDurationBounds })
                .AddView(instrument => LeftOut.Contains(instrument.Name) ? MetricStreamConfiguration.Drop : null)
                .AddReader(services => new BaseExportingMetricReader(services.GetRequiredService<PrometheusScrape>())));
        if (!string.IsNullOrWhiteSpace(builder.Configuration[OtlpEndpoint])) builder.AddOtlpExport(telemetry);
        // An instance that nobody has named names itself: otherwise two replicas couldn't be told apart.
        telemetry.ConfigureResource(resource => resource.AddService(
            builder.Configuration["OTEL_SERVICE_NAME"] is { Length: > 0 } name ? name : builder.Environment.ApplicationName,
            autoGenerateServiceInstanceId: builder.Configuration["OTEL_RESOURCE_ATTRIBUTES"]?.Contains("service.instance.id=", StringComparison.Ordinal) is not true));

        builder.Services.AddHostedService<TelemetryLifetime>();
    }

    private static void AddOtlpExport(this IHostApplicationBuilder builder, IOpenTelemetryBuilder telemetry)
    {
        var traces = TraceOptions.Of(builder.Configuration);
        telemetry
            .WithTracing(tracing => tracing
                .AddSource([.. Sources, builder.Environment.ApplicationName])
                .SetSampler(SamplerOf(builder.Configuration, traces))
                .AddProcessor(new KeepNoteworthySpans(traces.SlowerThan))
                .AddProcessor<ProbeCallFilter>())
            .WithLogging(configureBuilder: null, logging =>
            {
                logging.IncludeFormattedMessage = true;
                logging.IncludeScopes = true;
            })
            .UseOtlpExporter();
        builder.Services.AddSingleton(traces);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Transient<IStartupFilter, RequestSpanFilter>());
    }

    // The samplers of https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/; the SDK reads the
    // variable only where no sampler is set, and one is set here to bound what is sampled.
    private static Sampler SamplerOf(IConfiguration configuration, TraceOptions options)
    {
        var ratio = double.TryParse(configuration["OTEL_TRACES_SAMPLER_ARG"], NumberStyles.Float, CultureInfo.InvariantCulture, out var given) ? Math.Clamp(given, 0, 1) : 1;
        return configuration["OTEL_TRACES_SAMPLER"] switch
        {
            "always_on" => new AlwaysOnSampler(),
            "always_off" => new AlwaysOffSampler(),
            "parentbased_always_on" => new ParentBasedSampler(new AlwaysOnSampler()),
            "traceidratio" => new RecordingSampler(new TraceIdRatioBasedSampler(ratio)),
            "parentbased_always_off" => new ParentBasedSampler(new AlwaysOffSampler()),
            "parentbased_traceidratio" => new RecordingSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(ratio))),
            _ => new RateLimitedSampler(options.PerSecond, TimeProvider.System, options.FollowCallers),
        };
    }
}
