using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;

namespace Shop.ServiceDefaults.Telemetry;

/// <summary>
/// Adds to ASP.NET Core's request activity what OpenTelemetry's conventions want and it leaves out: route, status code and
/// a name that groups. https://opentelemetry.io/docs/specs/semconv/http/http-spans/
/// </summary>
internal sealed class RequestSpanFilter : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(DescribeAsync);
        next(app);
    };

    private static async Task DescribeAsync(HttpContext context, RequestDelegate next)
    {
        var span = context.Features.Get<IHttpActivityFeature>()?.Activity;
        if (span is not { IsAllDataRequested: true })
        {
            await next(context);
            return;
        }

        try
        {
            await next(context);
            Describe(span, context, context.Response.StatusCode);
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
        // An exception handler takes the endpoint away before it answers.
        var failure = context.Features.Get<IExceptionHandlerFeature>();
        var endpoint = failure?.Endpoint ?? context.GetEndpoint();
        var route = endpoint?.Metadata.GetMetadata<IRouteDiagnosticsMetadata>()?.Route;
        if (route is not null) span.SetTag("http.route", route);
        span.DisplayName = route is null ? context.Request.Method : $"{context.Request.Method} {route}";
        span.SetTag("http.response.status_code", statusCode);
        if (context.Response.ContentType?.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase) is true) KeepNoteworthySpans.TakesItsTime(span);
        if (statusCode < StatusCodes.Status500InternalServerError) return;

        span.SetTag("error.type", failure?.Error.GetType().FullName ?? span.GetTagItem("error.type") ?? statusCode.ToString(System.Globalization.CultureInfo.InvariantCulture));
        span.SetStatus(ActivityStatusCode.Error);
        if (failure is not null) span.AddException(failure.Error);
    }
}
