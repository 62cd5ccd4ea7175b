namespace Shop.Contracts.Events;

/// <summary>What crosses the broker from one module to others. Each type has a stable name: its routing key.</summary>
public interface IIntegrationEvent
{
    /// <summary>The routing key on the exchange <c>shop.events</c>, e.g. <c>ordering.order-placed</c>.</summary>
    static abstract string TypeName { get; }
}

/// <summary>Something that happened to an order.</summary>
public interface IOrderEvent : IIntegrationEvent
{
    Guid OrderId { get; }
}

/// <summary>An order was accepted and its stock reserved.</summary>
public sealed record OrderPlaced(Guid OrderId, long Number, Money Total, string PaymentMethod, string PaymentToken) : IOrderEvent
{
    public static string TypeName => "ordering.order-placed";
}

/// <summary>An order's payment was refused; it keeps its stock for a while, to be paid in another way.</summary>
/// <param name="Reason">For the customer, as a sentence.</param>
/// <param name="PayUntil">When it will be cancelled.</param>
public sealed record OrderAwaitsPayment(Guid OrderId, string Reason, DateTimeOffset PayUntil) : IOrderEvent
{
    public static string TypeName => "ordering.order-awaits-payment";
}

/// <summary>An order whose payment was refused is paid in another way.</summary>
/// <param name="Attempt">Which payment this is; 2 is the first after the order was placed.</param>
public sealed record OrderPaidAgain(Guid OrderId, int Attempt, Money Total, string PaymentToken) : IOrderEvent
{
    public static string TypeName => "ordering.order-paid-again";
}

/// <summary>The provider took the money.</summary>
public sealed record PaymentSucceeded(Guid OrderId, Guid PaymentId, Money Amount) : IOrderEvent
{
    public static string TypeName => "payments.payment-succeeded";
}

/// <summary>The provider refused; no money was taken.</summary>
/// <param name="Reason">For the customer, as a sentence.</param>
/// <param name="Attempt">Which of the order's payments.</param>
public sealed record PaymentRefused(Guid OrderId, Guid PaymentId, string Reason, int Attempt = 1) : IOrderEvent
{
    public static string TypeName => "payments.payment-refused";
}

/// <summary>The order is paid and its reservation has become a sale.</summary>
public sealed record OrderConfirmed(Guid OrderId) : IOrderEvent
{
    public static string TypeName => "ordering.order-confirmed";
}

/// <summary>The order is off and its stock released.</summary>
/// <param name="Reason">For the customer, as a sentence.</param>
/// <param name="PaymentAttempt">Which payment it waited for: no other may begin any more.</param>
public sealed record OrderCancelled(Guid OrderId, string Reason, int PaymentAttempt = 1) : IOrderEvent
{
    public static string TypeName => "ordering.order-cancelled";
}

/// <summary>Money that had been taken for a cancelled order went back.</summary>
/// <param name="Attempt">Which of the order's payments.</param>
public sealed record PaymentRefunded(Guid OrderId, Guid PaymentId, Money Amount, int Attempt = 1) : IOrderEvent
{
    public static string TypeName => "payments.payment-refunded";
}

/// <summary>A confirmed order is off, by the shop or by a return: the customer gets the money back.</summary>
/// <param name="Reason">For the customer, as a sentence.</param>
/// <param name="PaymentAttempt">Which payment goes back.</param>
public sealed record OrderRefunded(Guid OrderId, string Reason, int PaymentAttempt = 1) : IOrderEvent
{
    public static string TypeName => "ordering.order-refunded";
}

/// <summary>A payment provider has told something by webhook; it is stored and waits to be handled.</summary>
/// <param name="EventId">The provider's own id of the event.</param>
public sealed record ProviderEventReceived(string Provider, string EventId) : IIntegrationEvent
{
    public static string TypeName => "payments.provider-event-received";
}
