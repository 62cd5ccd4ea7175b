namespace Shop.Infrastructure.Ordering;

/// <summary>Why an order was refused, as it is counted.</summary>
public enum RefusalReason
{
    /// <summary>Something is missing or wrong in what was sent.</summary>
    Invalid,

    /// <summary>A SKU isn't for sale.</summary>
    UnknownSku,

    /// <summary>There isn't enough in stock, or left of a flash sale: decided by Postgres.</summary>
    OutOfStock,

    /// <summary>There isn't enough left of a flash sale: refused by the gate, without asking Postgres.</summary>
    SoldOut,

    /// <summary>The customer would have more of a flash sale than each may buy.</summary>
    Limit,

    /// <summary>It would cost more than the customer was shown.</summary>
    PriceChanged,

    /// <summary>The basket was changed since the customer saw it.</summary>
    BasketChanged,

    /// <summary>The basket was ordered already.</summary>
    BasketOrdered,

    /// <summary>The idempotency key was used for another order.</summary>
    KeyReused,

    /// <summary>Too many orders wait already.</summary>
    Full,
}
