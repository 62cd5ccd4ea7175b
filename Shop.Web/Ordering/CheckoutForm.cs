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
    string Card = "")
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
        Text(form, "card"));

    public PlaceOrder ToOrder() => new(
        BasketId,
        Items: null,
        Email,
        new ShippingAddress(Name, Line1, Line2.Length == 0 ? null : Line2, City, PostalCode, Country),
        new PaymentChoice("card", Card));

    private static string Text(IFormCollection form, string field) => form[field].ToString().Trim();
}
