using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Shop.ServiceDefaults.Health;

namespace Shop.ServiceDefaults.Telemetry;

/// <summary>
/// Describes ASP.NET Core's request activity as OpenTelemetry's conventions want it
/// (https://opentelemetry.io/docs/specs/semconv/http/http-spans/), if anybody will see it: under load nearly no request is
/// sampled, and describing each of them, which ASP.NET Core would do, costs more than all the rest of its trace. What asks
/// for health or metrics is left out.
/// </summary>
internal sealed class RequestSpanFilter(TraceOptions options) : IStartupFilter
{
    /// <summary>The span ends a little after this looks at it: what comes near the limit may be over it by then.</summary>
    private readonly TimeSpan _nearlySlow = options.SlowerThan / 2;

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(DescribeAsync);
        next(app);
    };

    private Task DescribeAsync(HttpContext context, RequestDelegate next)
    {
        var span = context.Features.Get<IHttpActivityFeature>()?.Activity;
        if (span is not { IsAllDataRequested: true }) return next(context);
        if (!HealthEndpoints.IsProbe(context.Request.Path.Value ?? "")) return DescribeAsync(span, context, next);

        span.IsAllDataRequested = false;
        span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        return next(context);
    }

    private async Task DescribeAsync(Activity span, HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
            var statusCode = context.Response.StatusCode;
            if (span.Recorded || statusCode >= StatusCodes.Status500InternalServerError || DateTime.UtcNow - span.StartTimeUtc >= _nearlySlow)
                Describe(span, context, statusCode);
        }
        catch (Exception exception)
        {
            span.SetTag("error.type", exception.GetType().FullName);
            Describe(span, context, StatusCodes.Status500InternalServerError);
            throw;
        }
    }

    private static void Describe(Activity span, HttpContext context, int statusCode)
    {
        var request = context.Request;
        span.SetTag("http.request.method", request.Method).SetTag("url.scheme", request.Scheme).SetTag("url.path", (request.PathBase + request.Path).Value);
        if (request.Host.HasValue) span.SetTag("server.address", request.Host.Host).SetTag("server.port", request.Host.Port);
        if (request.Headers.UserAgent.Count > 0) span.SetTag("user_agent.original", request.Headers.UserAgent.ToString());

        // An exception handler takes the endpoint away before it answers.
        var failure = context.Features.Get<IExceptionHandlerFeature>();
        var endpoint = failure?.Endpoint ?? context.GetEndpoint();
        var route = endpoint?.Metadata.GetMetadata<IRouteDiagnosticsMetadata>()?.Route;
        if (route is not null) span.SetTag("http.route", route);
        span.DisplayName = route is null ? request.Method : $"{request.Method} {route}";
        span.SetTag("http.response.status_code", statusCode);
        if (context.Response.ContentType?.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase) is true) KeepNoteworthySpans.TakesItsTime(span);
        if (statusCode < StatusCodes.Status500InternalServerError) return;

        span.SetTag("error.type", failure?.Error.GetType().FullName ?? span.GetTagItem("error.type") ?? statusCode.ToString(System.Globalization.CultureInfo.InvariantCulture));
        span.SetStatus(ActivityStatusCode.Error);
        if (failure is not null) span.AddException(failure.Error);
    }
}
