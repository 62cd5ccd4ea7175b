using Microsoft.AspNetCore.Diagnostics;

namespace Shop.Web.Storefront;

/// <summary>What stands in the visitor's address bar, also while an error page answers in the place of another.</summary>
public static class PageAddress
{
    /// <returns>Path and query, beginning with a slash.</returns>
    public static string Of(HttpContext context)
    {
        if (context.Features.Get<IStatusCodeReExecuteFeature>() is { } replaced)
            return replaced.OriginalPath
            + replaced.OriginalQueryString;
        var path = context.Features.Get<IExceptionHandlerPathFeature>()?.Path ?? context.Request.Path.Value;
        return path + context.Request.QueryString;
    }
}
