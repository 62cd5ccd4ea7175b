using Microsoft.AspNetCore.Mvc;

namespace Shop.Web.Storefront;

/// <summary>
/// Light, dark, or as the system says. The choice is a cookie, so that the server's first byte is right and nothing flashes.
/// </summary>
public static class Theme
{
    /// <summary>Also written by <c>wwwroot/js/shop.js</c>, hence readable by scripts.</summary>
    private const string Cookie = "theme";

    /// <returns><c>light</c>, <c>dark</c> or <see langword="null"/> for the system's.</returns>
    public static string? Of(HttpContext context) =>
        context.Request.Cookies[Cookie] is "light" or "dark" ? context.Request.Cookies[Cookie] : null;

    public static IEndpointConventionBuilder MapTheme(this IEndpointRouteBuilder routes) =>
        // No antiforgery: the worst a forged request could do is to change somebody's colours.
        routes.MapPost("/theme", Choose).DisableAntiforgery().ExcludeFromDescription();

    private static IResult Choose(HttpContext context, [FromForm] string? theme, [FromForm] string? returnUrl)
    {
        var options = new CookieOptions
        {
            Path = "/",
            SameSite = SameSiteMode.Lax,
            Secure = context.Request.IsHttps,
            MaxAge = TimeSpan.FromDays(365),
            IsEssential = true
        };
        if (theme is "light" or "dark")
            context.Response.Cookies.Append(Cookie, theme, options);
        else
            context.Response.Cookies.Delete(Cookie);
        return Results.Redirect(LocalUrl.Of(returnUrl) ?? "/");
    }
}
