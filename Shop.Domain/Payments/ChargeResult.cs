namespace Shop.Domain.Payments;

/// <summary>What became of a charge.</summary>
/// <param name="Reference">The provider's own id of the charge; empty where there is none.</param>
/// <param name="Reason">Why it was refused or went back, as a sentence for the customer.</param>
/// <param name="Amount">How much was taken or held, where the provider says so.</param>
public sealed record ChargeResult(ChargeOutcome Outcome, string Reference, string? Reason = null, Money? Amount = null)
{
    /// <summary>The provider knows of no charge, so no money was taken.</summary>
    public static ChargeResult NeverMade { get; } = new(ChargeOutcome.Refused, "", "The payment was never made.");
}
