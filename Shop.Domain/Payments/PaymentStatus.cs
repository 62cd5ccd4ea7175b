namespace Shop.Domain.Payments;

public enum PaymentStatus
{
    /// <summary>The provider has been or is about to be asked.</summary>
    Pending,

    /// <summary>The provider holds the money for the shop; it is captured when the order is confirmed.</summary>
    Authorized,

    /// <summary>The money was taken.</summary>
    Paid,

    /// <summary>The provider refused; no money was taken.</summary>
    Refused,

    /// <summary>The order was cancelled before the provider was asked: it must not be asked any more.</summary>
    Void,

    /// <summary>
    /// The order is off. With a provider's reference: its money must go back. Without one: the provider is being asked,
    /// and whatever it takes must go back at once.
    /// </summary>
    Cancelling,

    /// <summary>The money that was taken went back, or the hold on it was released.</summary>
    Refunded,
}
