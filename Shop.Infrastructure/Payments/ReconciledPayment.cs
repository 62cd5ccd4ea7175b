namespace Shop.Infrastructure.Payments;

/// <summary>What came of asking about a payment.</summary>
public enum ReconciledPayment
{
    /// <summary>It is where it should end, or was there already; the order hears of it by an event.</summary>
    Settled,

    /// <summary>No money was taken, and the payment still waits for it: the order may be cancelled.</summary>
    NotCharged,

    /// <summary>The provider doesn't know yet: ask again later.</summary>
    Undecided,
}
