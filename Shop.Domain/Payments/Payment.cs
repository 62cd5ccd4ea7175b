namespace Shop.Domain.Payments;

/// <summary>
/// One attempt to pay an order. Messages about it may arrive twice or in the wrong order; whatever comes first,
/// a cancelled order's money ends up with the customer and a paid order's with the shop, once.
/// </summary>
public sealed class Payment
{
    private Payment()
    {
    }

    public Guid Id { get; private set; }

    public Guid OrderId { get; private set; }

    /// <summary>From 1: after each refusal the order may be paid by another payment.</summary>
    public int Attempt { get; private set; }

    public PaymentKey Key => new(OrderId, Attempt);

    public Money Amount { get; private set; }

    public PaymentStatus Status { get; private set; }

    /// <summary>The provider's own id of the charge.</summary>
    public string? ProviderReference { get; private set; }

    /// <summary>Why it was refused, as a sentence for the customer.</summary>
    public string? Reason { get; private set; }

    /// <summary>When the provider was first about to be asked, or the order was cancelled before that.</summary>
    public DateTimeOffset StartedAt { get; private set; }

    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>There is money that must go back: the provider has yet to be told.</summary>
    public bool MustGoBack => Status is PaymentStatus.Cancelling && ProviderReference is not null;

    /// <summary>The provider is about to be asked.</summary>
    public static Payment Start(PaymentKey key, Money amount, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        OrderId = key.OrderId,
        Attempt = key.Attempt,
        Amount = amount,
        Status = PaymentStatus.Pending,
        StartedAt = now,
        UpdatedAt = now,
    };

    /// <summary>The order was cancelled before its payment began.</summary>
    public static Payment NeverStarted(PaymentKey key, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        OrderId = key.OrderId,
        Attempt = key.Attempt,
        Amount = Money.Zero(Currency.Eur),
        Status = PaymentStatus.Void,
        StartedAt = now,
        UpdatedAt = now,
    };

    /// <summary>A payment as it was stored.</summary>
    public static Payment Restore(
        Guid id, PaymentKey key, Money amount, PaymentStatus status, string? providerReference, string? reason, DateTimeOffset startedAt,
        DateTimeOffset updatedAt) => new()
        {
            Id = id,
            OrderId = key.OrderId,
            Attempt = key.Attempt,
            Amount = amount,
            Status = status,
            ProviderReference = providerReference,
            Reason = reason,
            StartedAt = startedAt,
            UpdatedAt = updatedAt,
        };

    /// <summary>The provider took the money.</summary>
    /// <returns>Whether it must go back, because the order was cancelled meanwhile.</returns>
    public bool Take(string providerReference, DateTimeOffset now) => Receive(PaymentStatus.Paid, providerReference, now);

    /// <summary>The provider holds the money.</summary>
    /// <inheritdoc cref="Take"/>
    public bool Authorize(string providerReference, DateTimeOffset now) => Receive(PaymentStatus.Authorized, providerReference, now);

    /// <summary>The provider took the money that it had held.</summary>
    public void Capture(DateTimeOffset now) => Become(PaymentStatus.Paid, now, PaymentStatus.Authorized);

    /// <summary>
    /// The provider took or holds money that nobody waited for any more: the payment was refused or never asked for,
    /// as far as could be told. It must go back.
    /// </summary>
    public void TakeUnwanted(string providerReference, DateTimeOffset now)
    {
        Become(PaymentStatus.Cancelling, now, PaymentStatus.Refused, PaymentStatus.Void);
        ProviderReference = providerReference;
    }

    /// <summary>The provider can't tell yet, but has named the charge.</summary>
    public void Remember(string providerReference, DateTimeOffset now)
    {
        Become(PaymentStatus.Pending, now, PaymentStatus.Pending);
        ProviderReference = providerReference;
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
        if (Status is PaymentStatus.Pending or PaymentStatus.Authorized or PaymentStatus.Paid)
            Become(PaymentStatus.Cancelling, now, Status);
        return MustGoBack;
    }

    /// <summary>The provider gave the money back, or let go of what it held.</summary>
    public void Refund(DateTimeOffset now) =>
        Become(PaymentStatus.Refunded, now, PaymentStatus.Authorized, PaymentStatus.Paid, PaymentStatus.Cancelling);

    private bool Receive(PaymentStatus status, string providerReference, DateTimeOffset now)
    {
        if (Status is not PaymentStatus.Cancelling)
            Become(status, now, PaymentStatus.Pending);
        ProviderReference = providerReference;
        return MustGoBack;
    }

    private void Become(PaymentStatus status, DateTimeOffset now, params ReadOnlySpan<PaymentStatus> from)
    {
        if (!from.Contains(Status))
            throw new InvalidOperationException($"A payment that is {Status} can't become {status}.");
        Status = status;
        UpdatedAt = now;
    }
}

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
