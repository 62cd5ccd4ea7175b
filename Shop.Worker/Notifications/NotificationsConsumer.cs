using Shop.Contracts.Events;
using Shop.Infrastructure.Messaging;
using Shop.Infrastructure.Notifications;
using Shop.Worker.Messaging;

namespace Shop.Worker.Notifications;

/// <summary>
/// Writes to customers. The e-mail goes out before the message is noted as handled, so that a crash between the two
/// sends it twice rather than never.
/// </summary>
internal sealed class NotificationsConsumer : EventConsumer
{
    private readonly Inbox _inbox;

    public NotificationsConsumer(Inbox inbox)
    {
        _inbox = inbox;
        On<OrderConfirmed>((order, messageId, cancellationToken) =>
            OnceAsync(messageId, (emails, ct) => emails.ConfirmedAsync(order.OrderId, ct), cancellationToken));
        On<OrderCancelled>((order, messageId, cancellationToken) =>
            OnceAsync(messageId, (emails, ct) => emails.CancelledAsync(order.OrderId, order.Reason, ct), cancellationToken));
    }

    private Task OnceAsync(Guid messageId, Func<OrderEmails, CancellationToken, Task> effect, CancellationToken cancellationToken) =>
        _inbox.OnceAsync(
            BrokerTopology.NotificationsQueue, messageId, (services, ct) => effect(services.GetRequiredService<OrderEmails>(), ct), cancellationToken);
}
