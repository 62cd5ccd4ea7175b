using Shop.Contracts;
using Shop.Contracts.Baskets;
using Shop.Contracts.Ordering;

namespace Shop.Web.Ordering;

/// <summary>
/// What the checkout form holds, exactly as typed. It carries its own idempotency key and names its basket, so that the
/// same form sent twice is the same order, even when the visitor's basket is a new one by then.
/// </summary>
public sealed record CheckoutForm(
    Guid IdempotencyKey,
    Guid BasketId,
    string Email = "",
    string Name = "",
    string Line1 = "",
    string Line2 = "",
    string City = "",
    string PostalCode = "",
    string Country = "",
    string Card = "",
    Guid? BasketVersion = null,
    Money? ExpectedTotal = null)
{
    public static CheckoutForm Read(IFormCollection form) => new(
        Guid.TryParse(form["idempotencyKey"], out var key) ? key : Guid.NewGuid(),
        Guid.TryParse(form["basketId"], out var basket) ? basket : Guid.Empty,
        Text(form, "email"),
        Text(form, "name"),
        Text(form, "line1"),
        Text(form, "line2"),
        Text(form, "city"),
        Text(form, "postalCode"),
        Text(form, "country"),
        Text(form, "card"),
        Guid.TryParse(form["basketVersion"], out var version) ? version : null,
        long.TryParse(form["expectedTotal"], NumberStyles.None, CultureInfo.InvariantCulture, out var total)
            && Text(form, "currency") is { Length: 3 } currency
            ? new Money(total, currency)
            : null);

    public PlaceOrder ToOrder() => new(
        BasketId,
        Items: null,
        Email,
        new ShippingAddress(Name, Line1, Line2.Length == 0 ? null : Line2, City, PostalCode, Country),
        new PaymentChoice("card", Card),
        Coupon: null,
        ExpectedTotal,
        BasketVersion);

    /// <summary>The same form beside this basket: what is ordered is what the page shows.</summary>
    public CheckoutForm Showing(Basket? basket) =>
        basket is null ? this : this with { BasketId = basket.Id, BasketVersion = basket.Version, ExpectedTotal = basket.Total };

    private static string Text(IFormCollection form, string field) => form[field].ToString().Trim();
}
