using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Shop.ServiceDefaults.Telemetry;

/// <summary>
/// <c>/metrics</c> for Prometheus. It is for the inside alone: whoever comes through a proxy (an ingress adds
/// <c>X-Forwarded-For</c>) or from a public address is told that there is nothing. Where a balancer hides both, the
/// processes get a second port that it doesn't lead to, and <c>Telemetry:Metrics:Port</c> names it: then no other one answers.
/// </summary>
internal static class ScrapeEndpoint
{
    public const string Path = "/metrics";

    private const string Port = "Telemetry:Metrics:Port";

    public static void MapScrape(this IEndpointRouteBuilder routes)
    {
        if (routes.ServiceProvider.GetService<PrometheusScrape>() is not { } scrape) return;

        var port = routes.ServiceProvider.GetRequiredService<IConfiguration>().GetValue<int?>(Port);
        routes.MapGet(Path, async context =>
        {
            if (!IsInside(context, port))
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }

            if (await scrape.TextAsync(context.RequestAborted) is not { } text)
            {
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return;
            }

            context.Response.ContentType = PrometheusText.ContentType;
            await context.Response.WriteAsync(text, context.RequestAborted);
        }).AllowAnonymous().DisableHttpMetrics().ShortCircuit().ExcludeFromDescription();
    }

    private static bool IsInside(HttpContext context, int? port) =>
        port is null ? Neighbours.Include(context) : context.Connection.LocalPort == port;
}
