using Shop.Contracts.Events;
using Shop.Domain;
using Shop.Infrastructure.Payments;
using Shop.Worker.Messaging;

namespace Shop.Worker.Payments;

/// <summary>Takes the money for placed orders, gives it back for those that are off, and hears what the provider tells by itself.</summary>
internal sealed class PaymentsConsumer : EventConsumer
{
    public PaymentsConsumer(PaymentProcessor processor, ProviderEventHandler events)
    {
        On<OrderPlaced>((order, messageId, cancellationToken) => processor.ChargeAsync(
            new(order.OrderId, 1), Amount(order.Total), order.PaymentToken, new(messageId), cancellationToken));
        On<OrderPaidAgain>((order, messageId, cancellationToken) => processor.ChargeAsync(
            new(order.OrderId, order.Attempt), Amount(order.Total), order.PaymentToken, new(messageId), cancellationToken));
        On<OrderConfirmed>(
            (order, messageId, cancellationToken) => processor.CaptureAsync(order.OrderId, new(messageId), cancellationToken));
        On<OrderCancelled>((order, messageId, cancellationToken) => processor.CancelAsync(
            new(order.OrderId, order.PaymentAttempt), order.Reason, new(messageId), cancellationToken));
        On<OrderRefunded>((order, messageId, cancellationToken) => processor.CancelAsync(
            new(order.OrderId, order.PaymentAttempt), order.Reason, new(messageId), cancellationToken));
        On<ProviderEventReceived>((received, messageId, cancellationToken) =>
            events.HandleAsync(new(received.Provider, received.EventId), messageId, cancellationToken));
    }

    private static Money Amount(Contracts.Money total) => new(total.Amount, new Currency(total.Currency));
}
