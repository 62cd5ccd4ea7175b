namespace Shop.Contracts.Ordering;

/// <summary>One order, for the one who placed it.</summary>
/// <param name="Status"><c>processing</c>, <c>confirmed</c>, <c>shipped</c>, <c>delivered</c>, <c>cancelled</c> or <c>refunded</c>.</param>
/// <param name="Reason">Why it was cancelled, as a sentence.</param>
/// <param name="CanCancel">Whether <c>POST /orders/{id}/cancel</c> would be accepted now.</param>
public sealed record OrderDetails(
    Guid OrderId,
    string Number,
    string Status,
    string? Reason,
    bool CanCancel,
    DateTimeOffset PlacedAt,
    string Email,
    ShippingAddress ShippingAddress,
    IReadOnlyList<OrderDetailsLine> Lines,
    Money Total,
    OrderPayment Payment,
    IReadOnlyList<OrderHistoryEntry> History);

public sealed record OrderDetailsLine(
    string Sku,
    string Slug,
    string Name,
    string Variant,
    string ImageUrl,
    Money UnitPrice,
    int Quantity,
    Money LineTotal);

/// <param name="Status"><c>pending</c>, <c>paid</c>, <c>refused</c> or <c>refunded</c>.</param>
/// <param name="Reason">Why it was refused last, as a sentence.</param>
/// <param name="PayUntil">
/// Until when <c>POST /orders/{id}/payments</c> takes another card after a refusal; null when there is nothing to pay.
/// </param>
public sealed record OrderPayment(string Method, string Status, string? Reason = null, DateTimeOffset? PayUntil = null);

/// <summary>One transition of an order.</summary>
/// <param name="Cause">What brought it about, as a sentence.</param>
public sealed record OrderHistoryEntry(string Status, DateTimeOffset At, string Cause);

/// <summary>What <c>GET /orders/{id}/events</c> streams as the data of its <c>status</c> events.</summary>
/// <param name="At">Of the last change of status.</param>
/// <param name="Final">No event follows.</param>
/// <param name="PaymentStatus">As in <see cref="OrderPayment"/>.</param>
/// <param name="PaymentAttempt">Which payment it is: 1, and one more after each refusal.</param>
public sealed record OrderStatusChanged(
    Guid OrderId, string Status, string? Reason, DateTimeOffset At, bool Final, string PaymentStatus, int PaymentAttempt);

/// <summary>An order is cancelled by the shop.</summary>
/// <param name="Reason">For the customer, as a sentence.</param>
public sealed record CancelOrder(string? Reason);

/// <summary>A paid order is taken back by the shop.</summary>
/// <param name="Reason">For the customer, as a sentence.</param>
/// <param name="Restock">Whether its pieces can be sold again.</param>
public sealed record Refund(string? Reason, bool Restock);
