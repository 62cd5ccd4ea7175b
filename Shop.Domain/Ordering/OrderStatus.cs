namespace Shop.Domain.Ordering;

/// <summary>Where an order stands: <c>processing → confirmed → shipped → delivered</c>, or off.</summary>
public enum OrderStatus
{
    /// <summary>Accepted, its stock reserved, its payment under way.</summary>
    Processing,

    /// <summary>Paid; its reservation has become a sale.</summary>
    Confirmed,

    /// <summary>Handed to the carrier.</summary>
    Shipped,

    /// <summary>With the customer.</summary>
    Delivered,

    /// <summary>Off, with a reason; its stock is released.</summary>
    Cancelled,

    /// <summary>Off after it was paid; the money went back.</summary>
    Refunded,
}

/// <summary>What the order knows of its payment; the Payments module knows the rest.</summary>
public enum OrderPaymentStatus
{
    Pending,
    Paid,
    Refused,
    Refunded,
}
