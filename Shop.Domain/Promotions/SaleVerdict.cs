namespace Shop.Domain.Promotions;

/// <summary>What a flash sale says to so many pieces for a customer.</summary>
public enum SaleVerdict
{
    Allowed,

    /// <summary>The sale has fewer pieces left.</summary>
    SoldOut,

    /// <summary>The sale has them, but this customer would have more than each may buy.</summary>
    OverLimit,
}
