using Microsoft.AspNetCore.WebUtilities;

namespace Shop.Web.Storefront;

/// <summary>
/// Carries a <see cref="Notice"/> over a redirect in a cookie that lives until it has been shown: any replica can
/// show it, and nothing is kept on a server.
/// </summary>
public static class NoticeCookie
{
    private const string Cookie = "notice";

    public static void Set(HttpContext context, Notice message) => context.Response.Cookies.Append(
        Cookie,
        WebEncoders.Base64UrlEncode(JsonSerializer.SerializeToUtf8Bytes(message, WebJson.Default.Notice)),
        Cookies.Options(context, TimeSpan.FromMinutes(1)));

    /// <summary>The message, once.</summary>
    public static Notice? Take(HttpContext context)
    {
        if (context.Request.Cookies[Cookie] is not { Length: > 0 } value || context.Response.HasStarted)
            return null;
        context.Response.Cookies.Delete(Cookie, Cookies.Options(context, maxAge: null));
        try
        {
            return JsonSerializer.Deserialize(WebEncoders.Base64UrlDecode(value), WebJson.Default.Notice);
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            // Whoever writes into his own cookies gets no message; nothing else depends on it.
            return null;
        }
    }
}

/// <summary>One sentence for the next page, after a redirect.</summary>
/// <param name="IsProblem">Whether something didn't work.</param>
/// <param name="UndoSku">What was just removed from the basket, so that it can be put back.</param>
/// <param name="ShowBasketLink">Whether the way to the basket is what comes next.</param>
public sealed record Notice(string Text, bool IsProblem = false, string? UndoSku = null, int UndoQuantity = 0, bool ShowBasketLink = false);
