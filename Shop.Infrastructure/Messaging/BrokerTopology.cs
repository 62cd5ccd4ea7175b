using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Shop.Contracts.Events;

namespace Shop.Infrastructure.Messaging;

/// <summary>
/// Which queues there are and what each is bound to. Relay and consumers both declare all of it before they start,
/// so that whoever comes first, no event finds nobody listening.
/// </summary>
public static class BrokerTopology
{
    public const string Exchange = "shop.events";
    public const string PaymentsQueue = "shop.payments";
    public const string OrderingQueue = "shop.ordering";
    public const string NotificationsQueue = "shop.notifications";

    /// <summary>Where a message ends that can't be handled; from there it is stored for a person to look at.</summary>
    public const string DeadLetters = "shop.dead-letters";

    /// <summary>
    /// How often a message may be handed out without an answer, that is, may have taken its worker down with it. Ordinary
    /// failures don't count: they are published anew, to be tried later. Existing queues have this number; it can't be changed.
    /// </summary>
    public const int DeliveryLimit = 50;

    private static readonly (string Queue, string[] Events)[] Queues =
    [
        (PaymentsQueue,
        [
            OrderPlaced.TypeName, OrderPaidAgain.TypeName, OrderCancelled.TypeName, OrderConfirmed.TypeName, OrderRefunded.TypeName,
            ProviderEventReceived.TypeName,
        ]),
        (OrderingQueue, [PaymentSucceeded.TypeName, PaymentRefused.TypeName, PaymentRefunded.TypeName]),
        (NotificationsQueue, [OrderAwaitsPayment.TypeName, OrderConfirmed.TypeName, OrderCancelled.TypeName, OrderRefunded.TypeName]),
    ];

    /// <summary>The queues that are consumed, the one for dead letters included.</summary>
    public static IReadOnlyList<string> ConsumedQueues { get; } = [.. Queues.Select(queue => queue.Queue), DeadLetters];

    /// <summary>The exchange that keeps a message for so long and then puts it back into the queue that is its routing key.</summary>
    public static string RetryExchange(TimeSpan delay) => delay switch
    {
        { Milliseconds: not 0 } => string.Create(CultureInfo.InvariantCulture, $"shop.retry.{delay.TotalMilliseconds:0}ms"),
        { Seconds: not 0 } => string.Create(CultureInfo.InvariantCulture, $"shop.retry.{delay.TotalSeconds:0}s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"shop.retry.{delay.TotalMinutes:0}m"),
    };

    /// <exception cref="InvalidOperationException">A queue is there already, with other arguments.</exception>
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

    /// <summary>
    /// The queues in which failed messages wait. They hold the messages of all queues: a message that has waited its time
    /// goes to the default exchange with the routing key it came with, the name of its own queue.
    /// </summary>
    /// <exception cref="InvalidOperationException">A queue is there already, with other arguments.</exception>
    public static async Task DeclareRetriesAsync(IChannel channel, IEnumerable<TimeSpan> delays, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(channel);
        ArgumentNullException.ThrowIfNull(delays);
        foreach (var delay in delays)
        {
            var name = RetryExchange(delay);
            await channel.ExchangeDeclareAsync(name, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);
            await DeclareQuorumQueueAsync(channel, name, new()
            {
                ["x-message-ttl"] = (long)delay.TotalMilliseconds,
                ["x-dead-letter-exchange"] = "",
                ["x-dead-letter-strategy"] = "at-least-once",
                ["x-overflow"] = "reject-publish",
            }, cancellationToken);
            await channel.QueueBindAsync(name, name, "", cancellationToken: cancellationToken);
        }
    }

    private static async Task DeclareQuorumQueueAsync(
        IChannel channel, string queue, Dictionary<string, object?> arguments, CancellationToken cancellationToken)
    {
        arguments["x-queue-type"] = "quorum";
        try
        {
            await channel.QueueDeclareAsync(
                queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken);
        }
        catch (OperationInterruptedException refused) when (refused.ShutdownReason?.ReplyCode == Constants.PreconditionFailed)
        {
            throw new InvalidOperationException(
                $"RabbitMQ has a queue {queue} already that was declared otherwise ({refused.ShutdownReason.ReplyText}). Let it run "
                    + $"empty, delete it (rabbitmqctl delete_queue {queue}), and it is made anew.", refused);
        }
    }
}
