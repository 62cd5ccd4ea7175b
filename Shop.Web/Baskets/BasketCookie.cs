using Shop.Web.Storefront;

namespace Shop.Web.Baskets;

/// <summary>Which basket is the visitor's: a UUID that the storefront makes at the first "add".</summary>
public static class BasketCookie
{
    private const string Name = "basket";
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);

    public static Guid? Find(HttpContext context) =>
        Guid.TryParse(context.Request.Cookies[Name], out var id) && id != Guid.Empty ? id : null;

    /// <summary>The visitor's basket, for another 30 days.</summary>
    public static Guid FindOrCreate(HttpContext context)
    {
        // Version 4, not 7: who knows the id sees the basket, so nothing about it may be guessable.
        var id = Find(context) ?? Guid.NewGuid();
        context.Response.Cookies.Append(Name, id.ToString(), Cookies.Options(context, Lifetime));
        return id;
    }

    public static void Forget(HttpContext context) => context.Response.Cookies.Delete(Name, Cookies.Options(context, maxAge: null));
}
