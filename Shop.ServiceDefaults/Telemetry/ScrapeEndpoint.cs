using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Shop.ServiceDefaults.Telemetry;

/// <summary>
/// <c>/metrics</c> for Prometheus. It is for the inside alone: whoever comes through a proxy (an ingress adds
/// <c>X-Forwarded-For</c>) or from a public address is told that there is nothing.
/// </summary>
internal static class ScrapeEndpoint
{
    public const string Path = "/metrics";

    // ASP.NET Core's own middleware moves what it has understood to the second.
    private static readonly string[] MarksOfProxies = ["X-Forwarded-For", "X-Original-For", "Forwarded"];

    public static void MapScrape(this IEndpointRouteBuilder routes)
    {
        if (routes.ServiceProvider.GetService<PrometheusScrape>() is not { } scrape) return;

        routes.MapGet(Path, async context =>
        {
            if (!IsInside(context))
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
        }).ExcludeFromDescription().DisableRateLimiting();
    }

    private static bool IsInside(HttpContext context) =>
        !MarksOfProxies.Any(context.Request.Headers.ContainsKey)
        && context.Connection.RemoteIpAddress is { } address
        && IsPrivate(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    // RFC 1918, RFC 6598, RFC 4193 and link-local.
    private static bool IsPrivate(IPAddress address) =>
        IPAddress.IsLoopback(address)
        || address.IsIPv6LinkLocal
        || address.IsIPv6UniqueLocal
        || (address.GetAddressBytes() is [var first, var second, _, _]
            && (first == 10 || (first == 172 && second is >= 16 and < 32) || (first == 192 && second == 168) || (first == 100 && second is >= 64 and < 128) || (first == 169 && second == 254)));
}
