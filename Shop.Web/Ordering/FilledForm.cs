using Microsoft.AspNetCore.DataProtection;
using Shop.Contracts.Ordering;
using Shop.Web.Storefront;

namespace Shop.Web.Ordering;

/// <summary>
/// The address of an order that is placed once more, on its way to the checkout: in an encrypted cookie, which only that page
/// gets and which lasts minutes.
/// </summary>
public sealed class FilledForm(IDataProtectionProvider protection)
{
    private const string Cookie = "checkout";

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    private readonly ITimeLimitedDataProtector _protector = protection.CreateProtector("Shop.Web.FilledForm").ToTimeLimitedDataProtector();

    public void Set(HttpContext context, OrderDetails order)
    {
        var to = order.ShippingAddress;
        var form = new CheckoutForm(
            Guid.Empty, Guid.Empty, order.Email, to.Name ?? "", to.Line1 ?? "", to.Line2 ?? "", to.City ?? "", to.PostalCode ?? "",
            to.Country ?? "");
        context.Response.Cookies.Append(
            Cookie, _protector.Protect(JsonSerializer.Serialize(form, WebJson.Default.CheckoutForm), Lifetime),
            Cookies.Options(context, Lifetime, "/checkout"));
    }

    /// <summary>Null when there is none, or none of ours.</summary>
    public CheckoutForm? Find(HttpContext context)
    {
        if (context.Request.Cookies[Cookie] is not { Length: > 0 } value)
            return null;
        try
        {
            return JsonSerializer.Deserialize(_protector.Unprotect(value), WebJson.Default.CheckoutForm);
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            // Too old, or somebody's own invention: the form is empty then.
            return null;
        }
    }
}
