using Shop.Domain;
using Shop.Domain.Ordering;

namespace Shop.Infrastructure.Ordering;

/// <summary>What came of an order.</summary>
public abstract record IntakeResult
{
    private IntakeResult()
    {
    }

    /// <summary>It stands, with its stock reserved.</summary>
    /// <param name="Replayed">It stood already: the key was used before.</param>
    public sealed record Accepted(Guid OrderId, long Number, Money Total, bool Replayed) : IntakeResult;

    /// <summary>Of these SKUs there isn't enough; nothing was reserved.</summary>
    public sealed record SoldOut(IReadOnlyList<string> Skus) : IntakeResult;

    /// <summary>Of these SKUs of a flash sale the customer would have more than each may buy; nothing was reserved.</summary>
    public sealed record OverLimit(IReadOnlyList<string> Skus) : IntakeResult;

    /// <summary>These SKUs aren't for sale.</summary>
    public sealed record UnknownSkus(IReadOnlyList<string> Skus) : IntakeResult;

    /// <summary>It would cost more than the customer was shown; nothing was reserved.</summary>
    /// <param name="Total">What it costs now.</param>
    public sealed record PriceChanged(Money Total, IReadOnlyList<OrderLine> Lines) : IntakeResult;

    /// <summary>This version of the basket is an order already.</summary>
    public sealed record BasketOrdered(Guid OrderId) : IntakeResult;

    /// <summary>The basket is another one than the customer saw.</summary>
    public sealed record BasketChanged : IntakeResult;

    /// <summary>There is nothing in the basket.</summary>
    public sealed record BasketEmpty : IntakeResult;

    /// <summary>The key was used before, for another order.</summary>
    public sealed record KeyReused : IntakeResult;
}

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
