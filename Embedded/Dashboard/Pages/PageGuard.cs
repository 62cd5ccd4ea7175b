using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Embedded.Dashboard.Pages;

/// <summary>In front of all pages: who is let in, and what a browser may do with them.</summary>
internal static class PageGuard
{
    private static readonly string[] OwnHosts = ["localhost", "127.0.0.1"];

    public static void UsePageGuard(this IApplicationBuilder pages, BrowserToken token) => pages.Use(async (context, next) =>
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-store";
        // Another site's name may be made to point at this machine.
        if (!OwnHosts.Contains(context.Request.Host.Host, StringComparer.OrdinalIgnoreCase))
        {
            context.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
        }
        else if (token.IsLoggedIn(context.Request) || StaticPages.IsOpen(context.Request.Path))
        {
            await next(context);
        }
        else if (context.Request.Path.StartsWithSegments("/api"))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        }
        else
        {
            context.Response.Redirect("/login");
        }
    });
}
