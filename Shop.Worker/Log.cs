using Shop.Domain.Payments;

namespace Shop.Worker;

/// <summary>
/// What is logged here. Event ids: 1000 ordering, 2000 messaging, 3000 payments, 4000 flash sales, 5000 storefront and gateway, 6000
/// sweepers, 7000 backlog, 9000 catalogue. No personal data.
/// </summary>
internal static partial class Log
{
    [LoggerMessage(2002, LogLevel.Warning, "The outbox can't be relayed now ({Reason}); trying again until it can.")]
    public static partial void OutboxNotRelayed(this ILogger logger, string reason);

    [LoggerMessage(2003, LogLevel.Information, "The outbox is being relayed.")]
    public static partial void OutboxRelayed(this ILogger logger);

    [LoggerMessage(2004, LogLevel.Error, "Event {EventId} ({Type}) is parked after {Attempts} attempts: {Reason}")]
    public static partial void EventParked(this ILogger logger, Guid eventId, string type, int attempts, string reason);

    [LoggerMessage(2005, LogLevel.Warning, "Event {EventId} ({Type}) couldn't be published: {Reason}")]
    public static partial void EventNotPublished(this ILogger logger, Guid eventId, string type, string reason);

    [LoggerMessage(2006, LogLevel.Error, "Message {MessageId} ({Type}) died in {Queue}: {Reason}")]
    public static partial void MessageDied(this ILogger logger, string? messageId, string type, string queue, string reason);

    [LoggerMessage(2007, LogLevel.Warning, "Dead letter {MessageId} can't be stored now: {Reason}")]
    public static partial void DeadLetterNotStored(this ILogger logger, string? messageId, string reason);

    [LoggerMessage(2008, LogLevel.Warning, "The queue {Queue} can't be consumed ({Reason}); trying again until it can.")]
    public static partial void QueueNotConsumed(this ILogger logger, string queue, string reason);

    [LoggerMessage(2009, LogLevel.Information, "Consuming the queue {Queue}.")]
    public static partial void QueueConsumed(this ILogger logger, string queue);

    [LoggerMessage(2010, LogLevel.Error, "Message {MessageId} in {Queue} goes to the dead letters after {Attempts} attempts.")]
    public static partial void MessageGivenUp(this ILogger logger, Exception failure, string? messageId, string queue, int attempts);

    [LoggerMessage(2011, LogLevel.Warning, "Message {MessageId} in {Queue} failed and is tried again in {Delay}.")]
    public static partial void MessageTriedLater(this ILogger logger, Exception failure, string? messageId, string queue, TimeSpan delay);

    [LoggerMessage(2012, LogLevel.Warning, "Message {MessageId} in {Queue} can't be moved now: {Reason}")]
    public static partial void MessageNotMoved(this ILogger logger, string? messageId, string queue, string reason);

    [LoggerMessage(2013, LogLevel.Debug, "The channel of {Queue} went without a goodbye: {Reason}")]
    public static partial void ChannelGone(this ILogger logger, string queue, string reason);

    [LoggerMessage(2014, LogLevel.Debug, "{Count} acknowledgements didn't arrive: {Reason}")]
    public static partial void AcknowledgementsLost(this ILogger logger, int count, string reason);

    [LoggerMessage(6001, LogLevel.Information, "Order {OrderId} was moved on by a sweeper: its payment is {Payment}.")]
    public static partial void OrderMovedOn(this ILogger logger, Guid orderId, string payment);

    [LoggerMessage(6002, LogLevel.Information, "Order {OrderId} is off, and its payment, which was still {Payment}, is too now.")]
    public static partial void PaymentEnded(this ILogger logger, Guid orderId, PaymentStatus payment);

    [LoggerMessage(
        6003, LogLevel.Warning, "The payment provider can't be asked about what got stuck ({Reason}); the next sweep asks again.")]
    public static partial void ProviderNotAsked(this ILogger logger, string reason);

    [LoggerMessage(6004, LogLevel.Warning, "This process can't sweep now ({Reason}); it will ask again.")]
    public static partial void CantSweep(this ILogger logger, string reason);

    [LoggerMessage(6005, LogLevel.Information, "This process sweeps now.")]
    public static partial void Sweeps(this ILogger logger);

    [LoggerMessage(6006, LogLevel.Information, "The sweeper {Sweeper} repaired {Repaired}.")]
    public static partial void Repaired(this ILogger logger, string sweeper, int repaired);

    [LoggerMessage(6007, LogLevel.Error, "The sweeper {Sweeper} failed; it will try again.")]
    public static partial void SweeperFailed(this ILogger logger, Exception failure, string sweeper);

    [LoggerMessage(
        7001, LogLevel.Warning, "What waits in {Server} can't be seen now ({Reason}), and its gauges will be silent until it can.")]
    public static partial void BacklogUnseen(this ILogger logger, string server, string reason);

    [LoggerMessage(7002, LogLevel.Information, "What waits in {Server} is seen again.")]
    public static partial void BacklogSeenAgain(this ILogger logger, string server);

    [LoggerMessage(9001, LogLevel.Warning, "What can be bought can't be noted in the catalogue now ({Reason}); trying again until it can.")]
    public static partial void AvailabilityNotNoted(this ILogger logger, string reason);

    [LoggerMessage(6099, LogLevel.Error, "This can't be resolved, and is tried again: {Subject}")]
    public static partial void NotResolved(this ILogger logger, Exception failure, string? subject);
}
