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

/// <param name="IdempotencyKey">One per payment, the same at each attempt.</param>
/// <param name="Token">What the provider gave the customer's browser for the card.</param>
/// <param name="Capture">Whether the money is taken at once; otherwise it is only held.</param>
public sealed record ChargeRequest(string IdempotencyKey, Money Amount, string Token, bool Capture);

/// <summary>What became of a charge.</summary>
/// <param name="Reference">The provider's own id of the charge; empty where there is none.</param>
/// <param name="Reason">Why it was refused or went back, as a sentence for the customer.</param>
/// <param name="Amount">How much was taken or held, where the provider says so.</param>
public sealed record ChargeResult(ChargeOutcome Outcome, string Reference, string? Reason = null, Money? Amount = null)
{
    /// <summary>The provider knows of no charge, so no money was taken.</summary>
    public static ChargeResult NeverMade { get; } = new(ChargeOutcome.Refused, "", "The payment was never made.");
}

public enum ChargeOutcome
{
    /// <summary>The money was taken.</summary>
    Captured,

    /// <summary>The money is held for the shop, to be captured.</summary>
    Authorized,

    /// <summary>No money was taken, and none will be.</summary>
    Refused,

    /// <summary>The money was taken or held, and isn't any more.</summary>
    Returned,

    /// <summary>The provider itself doesn't know yet; it will tell, or can be asked later.</summary>
    Undecided,
}

/// <summary>The provider failed or didn't answer in time; whether money was taken is unknown until it is asked again.</summary>
public sealed class PaymentProviderException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Whether asking again in a moment may help; otherwise only time or a person does.</summary>
    public bool IsTransient { get; init; } = true;
}
