namespace Shop.Domain.Payments;

/// <summary>
/// The payment of one order. Messages about it may arrive twice or in the wrong order; whatever comes first,
/// a cancelled order's money ends up with the customer and a paid order's with the shop, once.
/// </summary>
public sealed class Payment
{
    private Payment()
    {
    }

    public Guid Id { get; private set; }

    public Guid OrderId { get; private set; }

    public Money Amount { get; private set; }

    public PaymentStatus Status { get; private set; }

    /// <summary>The provider's own id of the charge.</summary>
    public string? ProviderReference { get; private set; }

    /// <summary>Why it was refused, as a sentence for the customer.</summary>
    public string? Reason { get; private set; }

    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>The provider is about to be asked.</summary>
    public static Payment Start(Guid orderId, Money amount, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        OrderId = orderId,
        Amount = amount,
        Status = PaymentStatus.Pending,
        UpdatedAt = now,
    };

    /// <summary>The order was cancelled before its payment began.</summary>
    public static Payment NeverStarted(Guid orderId, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        OrderId = orderId,
        Amount = Money.Zero(Currency.Eur),
        Status = PaymentStatus.Void,
        UpdatedAt = now,
    };

    /// <summary>The provider took the money.</summary>
    /// <returns>Whether it must go back, because the order was cancelled meanwhile.</returns>
    public bool Take(string providerReference, DateTimeOffset now)
    {
        var isCancelling = Status is PaymentStatus.Cancelling;
        if (!isCancelling)
            Become(PaymentStatus.Paid, now, PaymentStatus.Pending);
        ProviderReference = providerReference;
        return isCancelling;
    }

    public void Refuse(string reason, DateTimeOffset now)
    {
        Become(PaymentStatus.Refused, now, PaymentStatus.Pending, PaymentStatus.Cancelling);
        Reason = reason;
    }

    /// <summary>The order is off.</summary>
    /// <returns>Whether money was taken and must go back.</returns>
    public bool Cancel(DateTimeOffset now)
    {
        if (Status is PaymentStatus.Pending)
            Become(PaymentStatus.Cancelling, now, PaymentStatus.Pending);
        return Status is PaymentStatus.Paid;
    }

    /// <summary>The provider gave the money back.</summary>
    public void Refund(DateTimeOffset now) => Become(PaymentStatus.Refunded, now, PaymentStatus.Paid, PaymentStatus.Cancelling);

    private void Become(PaymentStatus status, DateTimeOffset now, params ReadOnlySpan<PaymentStatus> from)
    {
        if (!from.Contains(Status))
            throw new InvalidOperationException($"A payment that is {Status} can't become {status}.");
        Status = status;
        UpdatedAt = now;
    }
}
