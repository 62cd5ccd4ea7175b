using RabbitMQ.Client;
using Shop.Contracts.Events;

namespace Shop.Infrastructure.Messaging;

/// <summary>
/// Which queues there are and what each hears. Relay and consumers both declare all of it before they start,
/// so that whoever comes first, no event finds nobody listening.
/// </summary>
public static class BrokerTopology
{
    public const string Exchange = "shop.events";
    public const string PaymentsQueue = "shop.payments";
    public const string OrderingQueue = "shop.ordering";
    public const string NotificationsQueue = "shop.notifications";

    /// <summary>Where a message ends that can't be handled; it waits there for a person.</summary>
    public const string DeadLetters = "shop.dead-letters";

    /// <summary>A message that was tried so often, over some twenty minutes, does not get better by trying.</summary>
    private const int DeliveryLimit = 50;

    private static readonly (string Queue, string[] Events)[] Queues =
    [
        (PaymentsQueue, [OrderPlaced.TypeName, OrderCancelled.TypeName, OrderConfirmed.TypeName, OrderRefunded.TypeName, ProviderEventReceived.TypeName]),
        (OrderingQueue, [PaymentSucceeded.TypeName, PaymentRefused.TypeName, PaymentRefunded.TypeName]),
        (NotificationsQueue, [OrderConfirmed.TypeName, OrderCancelled.TypeName]),
    ];

    public static async Task DeclareAsync(IChannel channel, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(channel);
        await channel.ExchangeDeclareAsync(Exchange, ExchangeType.Topic, durable: true, cancellationToken: cancellationToken);
        await channel.ExchangeDeclareAsync(DeadLetters, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);
        await DeclareQuorumQueueAsync(channel, DeadLetters, [], cancellationToken);
        await channel.QueueBindAsync(DeadLetters, DeadLetters, "", cancellationToken: cancellationToken);

        foreach (var (queue, events) in Queues)
        {
            await DeclareQuorumQueueAsync(channel, queue, new()
            {
                ["x-delivery-limit"] = DeliveryLimit,
                ["x-dead-letter-exchange"] = DeadLetters,
                // Without this pair a dead letter could be lost on its way to the dead letters.
                ["x-dead-letter-strategy"] = "at-least-once",
                ["x-overflow"] = "reject-publish",
            }, cancellationToken);
            foreach (var type in events)
                await channel.QueueBindAsync(queue, Exchange, type, cancellationToken: cancellationToken);
        }
    }

    private static Task DeclareQuorumQueueAsync(
        IChannel channel, string queue, Dictionary<string, object?> arguments, CancellationToken cancellationToken)
    {
        arguments["x-queue-type"] = "quorum";
        return channel.QueueDeclareAsync(
            queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken);
    }
}
