namespace Shop.Domain.Payments;

public enum PaymentStatus
{
    /// <summary>The provider has been or is about to be asked.</summary>
    Pending,

    /// <summary>The money was taken.</summary>
    Paid,

    /// <summary>The provider refused; no money was taken.</summary>
    Refused,

    /// <summary>The order was cancelled before the provider was asked: it must not be asked any more.</summary>
    Void,

    /// <summary>The order was cancelled while the provider was being asked: whatever it took must go back at once.</summary>
    Cancelling,

    /// <summary>The money was taken and went back.</summary>
    Refunded,
}
