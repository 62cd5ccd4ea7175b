using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Shop.ServiceDefaults;

/// <summary>
/// Metrics for whoever scrapes the port for management; and traces, metrics and logs to the collector that
/// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names. Nothing at all with <c>OTEL_SDK_DISABLED=true</c>.
/// </summary>
public static class Telemetry
{
    private const string MetricsPath = "/metrics";
    private const string RequestDuration = "http.server.request.duration";

    /// <summary>
    /// ASP.NET Core's own, in seconds, and the 200 ms that the shop promises (docs/slo.md): without a bound there nobody
    /// could tell whether it keeps it.
    /// </summary>
    private static readonly double[] RequestDurationBounds =
        [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.2, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    /// <summary>
    /// Meters and instruments that count something for each request, statement or component of a page, which isn't free, and
    /// told better by what is kept: durations with their counts, and <c>kestrel.*</c>.
    /// </summary>
    private static readonly HashSet<string> LeftOut = new(StringComparer.Ordinal)
    {
        "Microsoft.AspNetCore.Components",
        "Microsoft.AspNetCore.Components.Lifecycle",
        "Microsoft.AspNetCore.MemoryPool",
        "Microsoft.AspNetCore.Routing",
        "http.server.active_requests",
        "db.client.operation.npgsql.executing",
        "db.client.operation.npgsql.bytes_read",
        "db.client.operation.npgsql.bytes_written",
    };

    /// <summary>Has many endpoints, such as one for each picture, counted and traced as one.</summary>
    /// <param name="routes">The endpoints.</param>
    /// <param name="route">What they are called together.</param>
    public static TBuilder AsOneRoute<TBuilder>(this TBuilder routes, string route)
        where TBuilder : IEndpointConventionBuilder
    {
        routes.Finally(endpoint => endpoint.Metadata.Add(new OneRoute(route)));
        return routes;
    }

    internal static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        var isExported = !string.IsNullOrWhiteSpace(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        var isNamed = configuration["OTEL_RESOURCE_ATTRIBUTES"]?.Contains("service.instance.id=", StringComparison.Ordinal) is true;
        var sampling = Sampling.Of(configuration);
        var telemetry = builder.Services.AddOpenTelemetry()
            // An instance that nobody has named names itself: otherwise two replicas couldn't be told apart.
            .ConfigureResource(resource => resource.AddService(
                configuration["OTEL_SERVICE_NAME"] is { Length: > 0 } name ? name : builder.Environment.ApplicationName,
                autoGenerateServiceInstanceId: !isNamed))
            .WithMetrics(metrics =>
            {
                metrics
                    .AddAspNetCoreInstrumentation().AddHttpClientInstrumentation().AddRuntimeInstrumentation()
                    .AddMeter("Shop.*")
                    .AddView(RequestDuration, new ExplicitBucketHistogramConfiguration { Boundaries = RequestDurationBounds })
                    .AddView(instrument => IsLeftOut(instrument) ? MetricStreamConfiguration.Drop : null);
                if (IsScraped(configuration))
                    metrics.AddPrometheusExporter();
            })
            .WithTracing(tracing =>
            {
                // Components add their sources whether anybody looks at them or not.
                tracing.SetSampler(isExported ? sampling.Sampler(configuration) : new AlwaysOffSampler());
                if (!isExported)
                    return;
                tracing
                    .AddSource("Shop.*")
                    .AddAspNetCoreInstrumentation(requests =>
                    {
                        requests.Filter = context => !IsProbe(context.Request.Path);
                        requests.EnrichWithHttpResponse = Complete;
                        // Pages are rendered within requests.
                        requests.EnableRazorComponentsSupport = false;
                    })
                    .AddHttpClientInstrumentation()
                    .AddProcessor(new TailSamplingProcessor(sampling.SlowerThan));
            });
        if (!isExported)
            return;
        telemetry
            .WithLogging(configureBuilder: null, logging =>
            {
                logging.IncludeFormattedMessage = true;
                logging.IncludeScopes = true;
            })
            .UseOtlpExporter();
    }

    internal static void MapMetrics(this WebApplication app)
    {
        if (!IsScraped(app.Configuration))
            return;

        var inside = ManagementPort.Of(app.Configuration);
        app.MapPrometheusScrapingEndpoint(
            MetricsPath,
            meterProvider: null,
            configureBranchedPipeline: scrape => scrape.Use((context, next) =>
            {
                if (context.Connection.LocalPort == inside)
                    return next(context);
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            }),
            optionsName: null).AllowAnonymous().DisableHttpMetrics().ShortCircuit();
    }

    private static bool IsLeftOut(Instrument instrument) => LeftOut.Contains(instrument.Name) || LeftOut.Contains(instrument.Meter.Name);

    private static bool IsScraped(IConfiguration configuration) =>
        ManagementPort.Of(configuration) is not null
        && !string.Equals(configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase);

    private static bool IsProbe(PathString path) => path == Health.ReadyPath || path == Health.AlivePath || path == MetricsPath;

    private static void Complete(Activity span, HttpResponse response)
    {
        if (response.ContentType?.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase) is true)
            TailSamplingProcessor.TakesItsTime(span);

        // The package hears of exceptions that nobody handles; here each ends as a problem or a page.
        if (response.StatusCode < StatusCodes.Status500InternalServerError)
            return;
        if (response.HttpContext.Features.Get<IExceptionHandlerFeature>()?.Error is { } failure)
            span.SetTag("error.type", failure.GetType().FullName).AddException(failure);
    }

    private sealed record OneRoute(string Route) : IRouteDiagnosticsMetadata;
}
