using System.Buffers;
using System.Net.Mail;
using System.Text.RegularExpressions;
using Shop.Contracts.Ordering;
using Shop.Domain.Baskets;
using Shop.Infrastructure.Ordering;
using ShippingAddress = Shop.Domain.Ordering.ShippingAddress;

namespace Shop.ApiService.Ordering;

/// <summary>An order whose fields have been checked; what only the database knows comes later.</summary>
/// <param name="Quantities">Pieces by SKU; empty when a basket is ordered.</param>
internal sealed partial record OrderDraft(
    string Email,
    ShippingAddress ShippingAddress,
    string PaymentMethod,
    string PaymentToken,
    IReadOnlyDictionary<string, int> Quantities,
    Domain.Money? ExpectedTotal)
{
    private const int MaxEmailLength = 254;
    private const int MaxNameLength = 100;
    private const int MaxLineLength = 200;
    private const int MaxPostalCodeLength = 20;
    private const int MaxTokenLength = 200;

    private static readonly SearchValues<char> InCardNumbers = SearchValues.Create("0123456789 -");

    /// <summary>Checks every field, and tells all that is wrong at once.</summary>
    public static OrderDraft Check(PlaceOrder order, FieldErrors errors)
    {
        var email = errors.Required("email", order.Email, MaxEmailLength, "The e-mail address");
        if (email.Length > 0
            && (!MailAddress.TryCreate(email, out var parsed) || parsed.Address != email
            || !parsed.Host.Contains('.', StringComparison.Ordinal)))
            errors.Add("email", "This is no e-mail address.");

        var address = order.ShippingAddress;
        var country = errors.Required("shippingAddress.country", address?.Country, 2, "The country").ToUpperInvariant();
        if (country.Length is 1 || !country.All(char.IsAsciiLetter))
            errors.Add("shippingAddress.country", "The country must be two letters such as DE (ISO 3166-1).");
        var line2 = errors.Optional("shippingAddress.line2", address?.Line2, MaxLineLength, "The second address line");

        // It goes into e-mails, to an address that may be anybody's.
        (string Field, string? Text)[] typed =
            [("name", address?.Name), ("line1", address?.Line1), ("line2", line2), ("city", address?.City)];
        foreach (var (field, text) in typed)
        {
            if (text is not null && HoldsLink(text))
                errors.Add($"shippingAddress.{field}", "A web address is no part of a postal address.");
        }

        var (method, token) = Payment(order.Payment, "payment.", errors);
        if (order.Coupon is { Length: > 0 })
            errors.Add("coupon", "This coupon is not valid.");

        return new OrderDraft(
            email,
            new ShippingAddress(
                errors.Required("shippingAddress.name", address?.Name, MaxNameLength, "The name"),
                errors.Required("shippingAddress.line1", address?.Line1, MaxLineLength, "The street and number"),
                line2,
                errors.Required("shippingAddress.city", address?.City, MaxNameLength, "The city"),
                errors.Required("shippingAddress.postalCode", address?.PostalCode, MaxPostalCodeLength, "The postal code"),
                country),
            method,
            token,
            Items(order, errors),
            Total(order.ExpectedTotal, errors));
    }

    /// <param name="hash">Of what was sent.</param>
    /// <param name="basketVersion">As the customer saw the basket, if one is ordered.</param>
    public OrderRequest ToRequest(Guid idempotencyKey, byte[] hash, Guid? basketVersion) => new(
        idempotencyKey, hash, Email, ShippingAddress, PaymentMethod, PaymentToken, Quantities, ExpectedTotal, basketVersion);

    /// <summary>A card's own number belongs to the payment provider alone: it is refused, and written nowhere.</summary>
    /// <param name="at">Where in the body it stands, e.g. <c>payment.</c>.</param>
    public static (string Method, string Token) Payment(PaymentChoice? payment, string at, FieldErrors errors)
    {
        var method = errors.Required($"{at}method", payment?.Method, MaxTokenLength, "The way of paying");
        if (method.Length > 0 && method != "card")
            errors.Add($"{at}method", "Pay by card: there is no other way yet.");
        var token = errors.Required($"{at}token", payment?.Token, MaxTokenLength, "The card's token");
        if (!token.AsSpan().ContainsAnyExcept(InCardNumbers)
            && token.Where(char.IsAsciiDigit).ToArray() is { Length: >= 13 and <= 19 } digits
            && IsLuhn(digits))
            errors.Add($"{at}token", "This looks like a card's number. Send the token that the payment provider gave for the card.");
        return (method, token);
    }

    /// <summary>Most are plain letters without a dot or a colon, and are looked at no further.</summary>
    private static bool HoldsLink(string text) =>
        (!Ascii.IsValid(text) || text.AsSpan().ContainsAny('.', ':')) && Link().IsMatch(text.Normalize(NormalizationForm.FormKC));

    /// <summary>What a mail program would make a link of.</summary>
    [GeneratedRegex(@"://|www\.|[.\u3002]\p{L}{2,}/", RegexOptions.IgnoreCase)]
    private static partial Regex Link();

    /// <summary>The check digit of card numbers (ISO/IEC 7812-1, annex B).</summary>
    private static bool IsLuhn(char[] digits) =>
        digits.Reverse().Select((digit, index) => (digit - '0') * (1 + (index % 2))).Sum(value => value > 9 ? value - 9 : value) % 10 == 0;

    private static Domain.Money? Total(Contracts.Money? expected, FieldErrors errors)
    {
        if (expected is null)
            return null;
        if (expected is { Amount: >= 0, Currency: { Length: 3 } code } && code.All(char.IsAsciiLetter))
            return new Domain.Money(expected.Amount, new Domain.Currency(code));
        errors.Add("expectedTotal", "The total is an amount of 0 or more in minor units, and three letters such as EUR.");
        return null;
    }

    private static Dictionary<string, int> Items(PlaceOrder order, FieldErrors errors)
    {
        var quantities = new Dictionary<string, int>(StringComparer.Ordinal);
        if (order.BasketId is not null && order.Items is { Count: > 0 })
            errors.Add("items", "Order either a basket or items, not both.");
        else if (order.BasketId is null && order.Items is not { Count: > 0 })
            errors.Add("items", "Nothing is ordered: send items or a basketId.");
        else if (order.Items?.Count > Basket.MaxLines)
            errors.Add("items", $"An order takes {Basket.MaxLines} different products at most.");
        else
        {
            foreach (var (index, item) in (order.Items ?? []).Index())
            {
                var sku = errors.Required($"items[{index}].sku", item?.Sku, Domain.Catalog.Sku.MaxLength, "The SKU");
                // The same SKU on two lines means both together.
                var quantity = (long)(item?.Quantity ?? 0) + quantities.GetValueOrDefault(sku);
                if (item is { Quantity: < 1 } || quantity > Basket.MaxQuantity)
                    errors.Add($"items[{index}].quantity", $"The quantity must be 1 to {Basket.MaxQuantity}.");
                else
                    quantities[sku] = (int)quantity;
            }
        }

        return quantities;
    }
}
