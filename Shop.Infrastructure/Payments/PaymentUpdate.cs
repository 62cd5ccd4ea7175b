using Shop.Domain.Payments;

namespace Shop.Infrastructure.Payments;

/// <summary>Something that has become known about an order's payment, to be written into the store.</summary>
/// <param name="Key">Which payment.</param>
/// <param name="Answer">What became of the charge; null: the order is off.</param>
/// <param name="Source">What told it.</param>
public sealed record PaymentUpdate(PaymentKey Key, ChargeResult? Answer, PaymentSource Source)
{
    /// <summary>The trace it belongs to; the update is written in a batch with others, whose trace is another one.</summary>
    public string? TraceParent { get; } = Activity.Current?.Id;
}
