namespace Shop.Infrastructure.Ordering;

/// <summary>What an order was cancelled for, as it is counted; the customer is told in a sentence.</summary>
public enum CancelCause
{
    /// <summary>The customer wanted it.</summary>
    Customer,

    /// <summary>Somebody of the shop called it off.</summary>
    Shop,

    /// <summary>The provider refused the money.</summary>
    PaymentRefused,

    /// <summary>The money went back before the order had heard that it came.</summary>
    PaymentReturned,

    /// <summary>It wasn't paid while its reservation lasted.</summary>
    Expired,
}
