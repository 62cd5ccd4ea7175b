namespace Shop.Contracts.Messaging;

/// <summary>What waits in the outbox.</summary>
/// <param name="Depth">How many events are to be published.</param>
/// <param name="OldestSeconds">How long the oldest of them has waited; <see langword="null"/> when there is none.</param>
/// <param name="ParkedCount">How many were tried too often and wait for a person.</param>
/// <param name="Parked">The oldest hundred of these.</param>
public sealed record OutboxState(long Depth, double? OldestSeconds, long ParkedCount, IReadOnlyList<ParkedEvent> Parked);

/// <summary>An event that couldn't be published.</summary>
/// <param name="Queue">Set when it was to go to this queue alone: a dead letter sent again.</param>
/// <param name="Reason">Why it came back the last time.</param>
/// <param name="Payload">The event's JSON with its secrets hidden.</param>
public sealed record ParkedEvent(
    Guid Id, string Type, string? Queue, int Attempts, string? Reason, DateTimeOffset OccurredAt, DateTimeOffset ParkedAt, string Payload);
