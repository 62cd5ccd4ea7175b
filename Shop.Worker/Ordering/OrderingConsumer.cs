using Shop.Contracts.Events;
using Shop.Infrastructure.Ordering;
using Shop.Worker.Messaging;

namespace Shop.Worker.Ordering;

/// <summary>Moves orders on as their payments come out.</summary>
internal sealed class OrderingConsumer : EventConsumer
{
    public OrderingConsumer(OrderTransitions orders)
    {
        On<PaymentSucceeded>((paid, messageId, cancellationToken) =>
            DoneAsync(paid.OrderId, orders.ConfirmAsync(paid.OrderId, messageId, cancellationToken)));
        On<PaymentRefused>((refused, messageId, cancellationToken) =>
            DoneAsync(refused.OrderId, orders.RefusePaymentAsync(refused.OrderId, refused.Reason, messageId, cancellationToken)));
        On<PaymentRefunded>((refunded, messageId, cancellationToken) =>
            DoneAsync(refunded.OrderId, orders.RefundAsync(refunded.OrderId, messageId, cancellationToken)));
    }

    private static async Task DoneAsync(Guid orderId, Task<TransitionOutcome> transition)
    {
        if (await transition is TransitionOutcome.NotFound)
            throw new InvalidOperationException($"There is no order {orderId} to move on.");
    }
}
