using Shop.Contracts.Events;
using Shop.Infrastructure.Messaging;
using Shop.Infrastructure.Ordering;
using Shop.Worker.Messaging;

namespace Shop.Worker.Ordering;

/// <summary>Moves orders on as their payments come out.</summary>
internal sealed class OrderingConsumer : EventConsumer
{
    private readonly Inbox _inbox;

    public OrderingConsumer(Inbox inbox)
    {
        _inbox = inbox;
        On<PaymentSucceeded>((paid, messageId, cancellationToken) =>
            OnceAsync(messageId, (orders, ct) => orders.ConfirmAsync(paid.OrderId, ct), cancellationToken));
        On<PaymentRefused>((refused, messageId, cancellationToken) =>
            OnceAsync(messageId, (orders, ct) => orders.RefusePaymentAsync(refused.OrderId, refused.Reason, ct), cancellationToken));
        On<PaymentRefunded>((refunded, messageId, cancellationToken) =>
            OnceAsync(messageId, (orders, ct) => orders.RefundAsync(refunded.OrderId, ct), cancellationToken));
    }

    private Task OnceAsync(Guid messageId, Func<OrderTransitions, CancellationToken, Task> effect, CancellationToken cancellationToken) =>
        _inbox.OnceAsync(
            BrokerTopology.OrderingQueue, messageId, (services, ct) => effect(services.GetRequiredService<OrderTransitions>(), ct), cancellationToken);
}
