using Shop.Contracts.Events;
using Shop.Infrastructure.Ordering;
using Shop.Worker.Messaging;

namespace Shop.Worker.Ordering;

/// <summary>Moves orders on as their payments come out.</summary>
internal sealed class OrderingConsumer : EventConsumer
{
    public OrderingConsumer(OrderTransitions orders)
    {
        On<PaymentSucceeded>((paid, messageId, cancellationToken) => orders.ConfirmAsync(paid.OrderId, messageId, cancellationToken));
        On<PaymentRefused>((refused, messageId, cancellationToken) => orders.RefusePaymentAsync(
            refused.OrderId, refused.Attempt, refused.Reason, messageId, cancellationToken));
        On<PaymentRefunded>((refunded, messageId, cancellationToken) => orders.RefundAsync(
            refunded.OrderId, refunded.Attempt, messageId, cancellationToken));
    }
}
