namespace Shop.Contracts.Ordering;

/// <summary>The answer to a placed order: its stock is reserved, its payment is under way.</summary>
/// <param name="Number">The order's short number, for people.</param>
/// <param name="Status"><c>processing</c>.</param>
/// <param name="OrderToken">What a guest sends as <c>Order-Token</c> to see the order.</param>
public sealed record OrderAccepted(Guid OrderId, string Number, string Status, Money Total, string OrderToken);
