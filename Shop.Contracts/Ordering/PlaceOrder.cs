using System.Text.Json.Serialization;

namespace Shop.Contracts.Ordering;

/// <summary>
/// An order as the customer sends it. Either <paramref name="BasketId"/> or <paramref name="Items"/> is given;
/// prices are never taken from here.
/// </summary>
/// <param name="Email">Where the confirmation goes.</param>
/// <param name="Coupon">A coupon's code.</param>
/// <param name="ExpectedTotal">
/// What the customer was shown: an order that would cost more is refused, one that costs less is accepted.
/// </param>
/// <param name="BasketVersion">Of the basket that the customer was shown: one that was changed meanwhile is refused.</param>
public sealed record PlaceOrder(
    Guid? BasketId,
    IReadOnlyList<PlaceOrderItem>? Items,
    string? Email,
    ShippingAddress? ShippingAddress,
    PaymentChoice? Payment,
    string? Coupon = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Money? ExpectedTotal = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? BasketVersion = null);

/// <param name="Quantity">1 to 99.</param>
public sealed record PlaceOrderItem(string Sku, int Quantity);

/// <param name="Country">ISO 3166-1 alpha-2, two capital letters.</param>
public sealed record ShippingAddress(
    string? Name,
    string? Line1,
    string? Line2,
    string? City,
    string? PostalCode,
    string? Country);

/// <param name="Method"><c>card</c>.</param>
/// <param name="Token">What the payment provider gave for the card: never a card's number.</param>
public sealed record PaymentChoice(string? Method, string? Token);

/// <summary>What a line of an order costs now: of a refusal because the price has changed.</summary>
public sealed record PricedLine(string Sku, int Quantity, Money UnitPrice);

/// <summary>The answer to a placed order: its stock is reserved, its payment is under way.</summary>
/// <param name="Number">The order's short number, for people.</param>
/// <param name="Status"><c>processing</c>.</param>
/// <param name="OrderToken">What a guest sends as <c>Order-Token</c> to see the order.</param>
public sealed record OrderAccepted(Guid OrderId, string Number, string Status, Money Total, string OrderToken);
