namespace Shop.Infrastructure.Payments;

public enum PaymentProviderKind
{
    /// <summary>A payment company to try the shop with; no real money moves.</summary>
    Simulated,

    Stripe,
}
