using Shop.Web.Storefront;

namespace Shop.Web.Ordering;

/// <summary>What lets a guest see one order. Its path is the order's own, so that it travels nowhere else.</summary>
public static class OrderTokenCookie
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(90);

    public static string? Find(HttpContext context, Guid orderId) => context.Request.Cookies[NameOf(orderId)];

    public static void Set(HttpContext context, Guid orderId, string token) =>
        context.Response.Cookies.Append(NameOf(orderId), token, Cookies.Options(context, Lifetime, $"/orders/{orderId}"));

    private static string NameOf(Guid orderId) => $"order-{orderId:N}";
}
