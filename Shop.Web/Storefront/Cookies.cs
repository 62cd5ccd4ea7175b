namespace Shop.Web.Storefront;

/// <summary>
/// How the storefront's cookies are set: out of reach of scripts and of other sites' forms, and by TLS alone where there is any.
/// </summary>
public static class Cookies
{
    /// <param name="context">The request.</param>
    /// <param name="maxAge">Null: until the browser is closed.</param>
    /// <param name="path">It travels with what is below, and with nothing else.</param>
    public static CookieOptions Options(HttpContext context, TimeSpan? maxAge, string path = "/") => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = context.Request.IsHttps,
        Path = path,
        MaxAge = maxAge,
        IsEssential = true,
    };
}
