namespace Shop.Domain.Ordering;

/// <summary>
/// An order that was accepted. It changes only through its methods; each change is kept in its history,
/// and one that the rules don't allow is an <see cref="IllegalOrderTransitionException"/>.
/// </summary>
public sealed class Order
{
    /// <summary>So many cards nobody has: whoever tries more is looking for one that works.</summary>
    public const int MaxPaymentAttempts = 10;

    private readonly List<OrderLine> _lines = [];
    private readonly List<OrderTransition> _history = [];

    private Order()
    {
    }

    public Guid Id { get; private set; }

    /// <summary>For people; given by the database, ascending, 0 until the order is stored.</summary>
    public long Number { get; private set; }

    public OrderStatus Status { get; private set; }

    public OrderPaymentStatus PaymentStatus { get; private set; }

    /// <summary>Which payment the order waits for or has: 1, and one more each time after a refusal.</summary>
    public int PaymentAttempt { get; private set; } = 1;

    /// <summary>Why the last payment was refused, as a sentence for the customer.</summary>
    public string? PaymentReason { get; private set; }

    /// <summary>Until when it may be paid in another way after a refusal; counted from the first one.</summary>
    public DateTimeOffset? PayUntil { get; private set; }

    /// <summary>Why it was cancelled, as a sentence for the customer.</summary>
    public string? CancelReason { get; private set; }

    public string Email { get; private set; } = "";

    public ShippingAddress ShippingAddress { get; private set; } = null!;

    public string PaymentMethod { get; private set; } = "";

    public Money Total { get; private set; }

    public DateTimeOffset PlacedAt { get; private set; }

    public IReadOnlyList<OrderLine> Lines => _lines;

    public IReadOnlyList<OrderTransition> History => _history;

    public bool CanCancel => Status is OrderStatus.Processing;

    /// <summary>Its payment was refused, and another one may be tried.</summary>
    public bool AwaitsPayment => Status is OrderStatus.Processing && PaymentStatus is OrderPaymentStatus.Refused;

    /// <summary>No transition leads on from here.</summary>
    public bool IsFinal => Next(Status).Length == 0;

    /// <summary>Nothing more happens to it by itself: what a customer waits for has come out.</summary>
    public bool IsSettled => Status is not OrderStatus.Processing;

    /// <exception cref="ArgumentException">No lines, a SKU twice, or a quantity out of range.</exception>
    public static Order Place(
        Guid id,
        string email,
        ShippingAddress shippingAddress,
        string paymentMethod,
        Currency currency,
        IReadOnlyList<OrderLine> lines,
        DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(lines);
        if (lines.Count is 0 or > Baskets.Basket.MaxLines)
            throw new ArgumentException($"An order has 1 to {Baskets.Basket.MaxLines} lines, not {lines.Count}.", nameof(lines));
        if (lines.FirstOrDefault(line => !Baskets.Basket.IsValidQuantity(line.Quantity)) is { } wrong)
            throw new ArgumentException(
                $"A line has 1 to {Baskets.Basket.MaxQuantity} pieces, not {wrong.Quantity} of {wrong.Sku}.", nameof(lines));
        if (lines.DistinctBy(line => line.Sku, StringComparer.Ordinal).Count() != lines.Count)
            throw new ArgumentException("A SKU stands on one line only.", nameof(lines));

        var order = new Order
        {
            Id = id,
            Email = email,
            ShippingAddress = shippingAddress,
            PaymentMethod = paymentMethod,
            PaymentStatus = OrderPaymentStatus.Pending,
            PlacedAt = now,
            Total = lines.Aggregate(Money.Zero(currency), (sum, line) => sum + line.Total(currency)),
        };
        order._lines.AddRange(lines);
        order.Become(OrderStatus.Processing, now, "Order placed, items reserved.");
        return order;
    }

    /// <summary>
    /// An order as it was stored, as far as its transitions need it; its history begins anew and holds only what happens from now on.
    /// </summary>
    public static Order Restore(
        Guid id, OrderStatus status, OrderPaymentStatus paymentStatus, int paymentAttempt = 1, string? paymentReason = null,
        DateTimeOffset? payUntil = null, Money total = default) => new()
        {
            Id = id,
            Status = status,
            PaymentStatus = paymentStatus,
            PaymentAttempt = paymentAttempt,
            PaymentReason = paymentReason,
            PayUntil = payUntil,
            Total = total,
        };

    /// <summary>The money is there.</summary>
    public void Confirm(DateTimeOffset now)
    {
        GoTo(OrderStatus.Confirmed, now, "Payment received.");
        PaymentStatus = OrderPaymentStatus.Paid;
    }

    /// <summary>
    /// The provider refused the money. Within the time for it the customer may pay in another way; without any, when it is over
    /// or after <see cref="MaxPaymentAttempts"/> the order is off.
    /// </summary>
    /// <param name="payWithin">How long the customer has after the first refusal.</param>
    public void RefusePayment(string reason, TimeSpan payWithin, DateTimeOffset now)
    {
        var until = PayUntil ?? now + payWithin;
        // One that is off already only learns it.
        if (Status is not OrderStatus.Cancelled)
        {
            if (until <= now || PaymentAttempt >= MaxPaymentAttempts)
                Cancel(reason, now);
            else if (Status is OrderStatus.Processing)
                PayUntil = until;
            else
                throw new IllegalOrderTransitionException(Status, OrderStatus.Processing);
        }

        PaymentStatus = OrderPaymentStatus.Refused;
        PaymentReason = reason;
    }

    /// <summary>The customer pays in another way: never before the payment before has been refused, so that none is made twice.</summary>
    /// <exception cref="InvalidOperationException">It doesn't await a payment.</exception>
    public void PayAgain(DateTimeOffset now)
    {
        if (!AwaitsPayment || now >= PayUntil)
            throw new InvalidOperationException($"An order that is {Status}, its payment {PaymentStatus}, can't be paid again.");
        PaymentStatus = OrderPaymentStatus.Pending;
        PaymentAttempt++;
    }

    public void Cancel(string reason, DateTimeOffset now)
    {
        GoTo(OrderStatus.Cancelled, now, reason);
        CancelReason = reason;
    }

    public void Ship(DateTimeOffset now) => GoTo(OrderStatus.Shipped, now, "Handed to the carrier.");

    public void Deliver(DateTimeOffset now) => GoTo(OrderStatus.Delivered, now, "Delivered.");

    /// <summary>The shop takes a paid order back: the customer is owed the money, which follows by <see cref="Refund"/>.</summary>
    public void Return(string cause, DateTimeOffset now) => GoTo(OrderStatus.Refunded, now, cause);

    /// <summary>
    /// The money went back. An order that is off already only learns it;
    /// a confirmed, shipped or delivered one is off by it.
    /// </summary>
    public void Refund(string cause, DateTimeOffset now)
    {
        var owed = Status is OrderStatus.Cancelled || (Status is OrderStatus.Refunded && PaymentStatus is OrderPaymentStatus.Paid);
        if (!owed)
            GoTo(OrderStatus.Refunded, now, cause);
        PaymentStatus = OrderPaymentStatus.Refunded;
    }

    /// <summary>Where the rules allow an order to go from a status.</summary>
    public static ReadOnlySpan<OrderStatus> Next(OrderStatus status) => status switch
    {
        OrderStatus.Processing => [OrderStatus.Confirmed, OrderStatus.Cancelled],
        OrderStatus.Confirmed => [OrderStatus.Shipped, OrderStatus.Refunded],
        OrderStatus.Shipped => [OrderStatus.Delivered, OrderStatus.Refunded],
        OrderStatus.Delivered => [OrderStatus.Refunded],
        _ => [],
    };

    private void GoTo(OrderStatus status, DateTimeOffset now, string cause)
    {
        if (!Next(Status).Contains(status))
            throw new IllegalOrderTransitionException(Status, status);
        Become(status, now, cause);
    }

    private void Become(OrderStatus status, DateTimeOffset now, string cause)
    {
        Status = status;
        _history.Add(new OrderTransition(status, now, cause));
    }
}

/// <summary>One step of an order's life.</summary>
/// <param name="Cause">What brought it about, as a sentence for people.</param>
public sealed record OrderTransition(OrderStatus Status, DateTimeOffset At, string Cause);

/// <summary>The rules don't allow the order to go from where it is to where it was sent.</summary>
public sealed class IllegalOrderTransitionException(OrderStatus from, OrderStatus to)
    : InvalidOperationException($"An order that is {from.ToString().ToLowerInvariant()} can't become {to.ToString().ToLowerInvariant()}.")
{
    public OrderStatus From { get; } = from;

    public OrderStatus To { get; } = to;
}
