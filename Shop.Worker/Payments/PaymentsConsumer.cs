using Shop.Contracts.Events;
using Shop.Domain;
using Shop.Infrastructure.Payments;
using Shop.Worker.Messaging;

namespace Shop.Worker.Payments;

/// <summary>Takes the money for placed orders, gives it back for those that are off, and hears what the provider tells by itself.</summary>
internal sealed class PaymentsConsumer : EventConsumer
{
    public PaymentsConsumer(Cashier cashier, ProviderEventHandler events)
    {
        On<OrderPlaced>((order, messageId, cancellationToken) => cashier.ChargeAsync(
            new(order.OrderId, 1), new Money(order.Total.Amount, new Currency(order.Total.Currency)), order.PaymentToken, new(messageId), cancellationToken));
        On<OrderPaidAgain>((order, messageId, cancellationToken) => cashier.ChargeAsync(
            new(order.OrderId, order.Attempt), new Money(order.Total.Amount, new Currency(order.Total.Currency)), order.PaymentToken, new(messageId),
            cancellationToken));
        On<OrderConfirmed>((order, messageId, cancellationToken) => cashier.CaptureAsync(order.OrderId, new(messageId), cancellationToken));
        On<OrderCancelled>((order, messageId, cancellationToken) => cashier.CancelAsync(
            new(order.OrderId, order.PaymentAttempt), order.Reason, new(messageId), cancellationToken));
        On<OrderRefunded>((order, messageId, cancellationToken) => cashier.CancelAsync(
            new(order.OrderId, order.PaymentAttempt), order.Reason, new(messageId), cancellationToken));
        On<ProviderEventReceived>((received, messageId, cancellationToken) =>
            events.HandleAsync(new(received.Provider, received.EventId), messageId, cancellationToken));
    }
}
