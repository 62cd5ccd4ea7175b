namespace Shop.Web.Storefront;

/// <summary>What the browser may do with the storefront's pages.</summary>
public static class SecurityHeaders
{
    // Pictures may come over https from elsewhere, because an imported catalogue may name them there; all else is our own.
    // No script or style stands in a page itself, so nothing inline is allowed.
    private const string ContentSecurityPolicy =
        "default-src 'self'; img-src 'self' data: https:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>For all but the API's answers, which set their own (its page of documentation needs another policy).</summary>
    public static IApplicationBuilder UseStorefrontSecurityHeaders(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (!StorefrontPaths.AreTheApis(context.Request.Path))
        {
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy = ContentSecurityPolicy;
            headers.XContentTypeOptions = "nosniff";
            headers.XFrameOptions = "DENY";
            headers["Referrer-Policy"] = "strict-origin-when-cross-origin";
            headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
        }

        return next(context);
    });
}
