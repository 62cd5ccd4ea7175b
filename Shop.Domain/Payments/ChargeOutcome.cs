namespace Shop.Domain.Payments;

public enum ChargeOutcome
{
    /// <summary>The money was taken.</summary>
    Captured,

    /// <summary>The money is held for the shop, to be captured.</summary>
    Authorized,

    /// <summary>No money was taken, and none will be.</summary>
    Refused,

    /// <summary>The money was taken or held, and isn't any more.</summary>
    Returned,

    /// <summary>The provider itself doesn't know yet; it will tell, or can be asked later.</summary>
    Undecided,
}
