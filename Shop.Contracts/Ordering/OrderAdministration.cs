namespace Shop.Contracts.Ordering;

/// <summary>An order is cancelled by the shop.</summary>
/// <param name="Reason">For the customer, as a sentence.</param>
public sealed record CancelOrder(string? Reason);

/// <summary>A paid order is taken back by the shop.</summary>
/// <param name="Reason">For the customer, as a sentence.</param>
/// <param name="Restock">Whether its pieces can be sold again.</param>
public sealed record Refund(string? Reason, bool Restock);
