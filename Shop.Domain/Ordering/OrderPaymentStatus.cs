namespace Shop.Domain.Ordering;

/// <summary>What the order knows of its payment; the Payments module knows the rest.</summary>
public enum OrderPaymentStatus
{
    Pending,
    Paid,
    Refused,
    Refunded,
}
