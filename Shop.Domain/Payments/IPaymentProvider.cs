namespace Shop.Domain.Payments;

/// <summary>
/// Who really takes the money. Both calls are idempotent by their key: asked again, the provider tells
/// what came of the first time, so an unknown outcome is resolved by asking again.
/// </summary>
public interface IPaymentProvider
{
    /// <param name="idempotencyKey">One per payment, the same at each attempt.</param>
    /// <param name="token">What the provider gave the customer's browser for the card.</param>
    /// <exception cref="PaymentProviderException">The outcome is unknown or the provider failed: ask again.</exception>
    Task<ChargeResult> ChargeAsync(string idempotencyKey, Money amount, string token, CancellationToken cancellationToken);

    /// <exception cref="PaymentProviderException">The outcome is unknown or the provider failed: ask again.</exception>
    Task RefundAsync(string idempotencyKey, string providerReference, Money amount, CancellationToken cancellationToken);
}

/// <param name="Accepted">Whether the money was taken.</param>
/// <param name="Reference">The provider's own id of the charge; empty when refused.</param>
/// <param name="Reason">Why it was refused, as a sentence for the customer.</param>
public sealed record ChargeResult(bool Accepted, string Reference, string? Reason = null);

/// <summary>The provider failed or didn't answer in time; whether money was taken is unknown until it is asked again.</summary>
public sealed class PaymentProviderException(string message, Exception? innerException = null) : Exception(message, innerException);
