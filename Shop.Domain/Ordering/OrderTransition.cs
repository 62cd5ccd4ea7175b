namespace Shop.Domain.Ordering;

/// <summary>One step of an order's life.</summary>
/// <param name="Cause">What brought it about, as a sentence for people.</param>
public sealed record OrderTransition(OrderStatus Status, DateTimeOffset At, string Cause);
