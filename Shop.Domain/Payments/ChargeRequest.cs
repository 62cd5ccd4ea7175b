namespace Shop.Domain.Payments;

/// <param name="IdempotencyKey">One per payment, the same at each attempt.</param>
/// <param name="Token">What the provider gave the customer's browser for the card.</param>
/// <param name="Capture">Whether the money is taken at once; otherwise it is only held.</param>
public sealed record ChargeRequest(string IdempotencyKey, Money Amount, string Token, bool Capture);
