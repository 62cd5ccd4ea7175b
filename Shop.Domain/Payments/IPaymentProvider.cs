namespace Shop.Domain.Payments;

/// <summary>
/// Who really takes the money. Each call is idempotent by its key: asked again, the provider tells what came of the
/// first time, so an unknown outcome is resolved by asking again.
/// </summary>
public interface IPaymentProvider
{
    /// <summary>What the provider is called in addresses and tables, e.g. <c>stripe</c>.</summary>
    string Name { get; }

    /// <summary>How long the provider remembers a key. After that it would take the same request for a new one, and charge twice.</summary>
    TimeSpan KeyLifetime { get; }

    /// <summary>Takes the money, or only holds it.</summary>
    /// <exception cref="PaymentProviderException">The outcome is unknown or the provider failed: ask again.</exception>
    Task<ChargeResult> ChargeAsync(ChargeRequest request, CancellationToken cancellationToken);

    /// <summary>Takes the money that was only held.</summary>
    /// <returns><see cref="ChargeOutcome.Captured"/>, or <see cref="ChargeOutcome.Returned"/> when it isn't held any more.</returns>
    /// <inheritdoc cref="ChargeAsync"/>
    Task<ChargeResult> CaptureAsync(string idempotencyKey, string reference, CancellationToken cancellationToken);

    /// <summary>
    /// Gives all the money of a charge back, or lets go of it where it was only held. Afterwards none of it is with the shop.
    /// </summary>
    /// <inheritdoc cref="ChargeAsync"/>
    Task RefundAsync(string idempotencyKey, string reference, CancellationToken cancellationToken);

    /// <summary>Asks what became of a charge.</summary>
    /// <param name="idempotencyKey">The key the charge was asked for with.</param>
    /// <param name="reference">The provider's own id of the charge, where it is known.</param>
    /// <returns>Null when the provider knows of no such charge, as far as it can tell by now: it may learn of it a minute later.</returns>
    /// <exception cref="PaymentProviderException">The provider failed: ask again.</exception>
    Task<ChargeResult?> FindAsync(string idempotencyKey, string? reference, CancellationToken cancellationToken);
}
