namespace Shop.Infrastructure.Messaging;

/// <param name="Outbox">Events that wait to be published.</param>
/// <param name="OldestAge">Since the oldest of them happened; zero when there is none.</param>
/// <param name="DeadLetters">Messages that were given up and wait for a person.</param>
public sealed record MessagingBacklog(long Outbox, TimeSpan OldestAge, long DeadLetters);
