using Shop.Domain;
using Shop.Domain.Ordering;

namespace Shop.Infrastructure.Ordering;

/// <summary>An order that passed all checks which need no database.</summary>
/// <param name="IdempotencyKey">The same key means the same order, however often it is sent.</param>
/// <param name="Hash">Of what the client sent: the same key with other content is a mistake of the client's.</param>
/// <param name="Quantities">Pieces by SKU, each 1 to 99.</param>
/// <param name="PaymentToken">What the payment provider gave for the card.</param>
/// <param name="ExpectedTotal">More than this the customer doesn't pay.</param>
/// <param name="BasketVersion">Of the basket that becomes this order, and no other.</param>
public sealed record OrderRequest(
    Guid IdempotencyKey,
    byte[] Hash,
    string Email,
    ShippingAddress ShippingAddress,
    string PaymentMethod,
    string PaymentToken,
    IReadOnlyDictionary<string, int> Quantities,
    Money? ExpectedTotal = null,
    Guid? BasketVersion = null);
