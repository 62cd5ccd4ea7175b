namespace Shop.Contracts.Messaging;

/// <summary>A message that a consumer could not handle.</summary>
/// <param name="Id">Of the letter. The same message that dies in two queues makes two letters.</param>
/// <param name="MessageId">Of the message, by which consumers recognise it; <see langword="null"/> when it came without.</param>
/// <param name="Queue">The queue in which it died, and to which it is sent again.</param>
/// <param name="Type">The event's type, such as <c>ordering.order-placed</c>.</param>
/// <param name="Reason">Why it was given up, as a sentence.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="ResentAt">Set once it was sent again.</param>
/// <param name="DiscardedAt">Set once somebody decided to leave it.</param>
/// <param name="Payload">The event's JSON with its secrets hidden.</param>
public sealed record DeadLetter(
    Guid Id,
    string? MessageId,
    string Queue,
    string Type,
    string Reason,
    int Attempts,
    DateTimeOffset? FirstFailedAt,
    DateTimeOffset DiedAt,
    DateTimeOffset? ResentAt,
    DateTimeOffset? DiscardedAt,
    string Payload);

/// <summary>What became of dead letters that were to be sent again.</summary>
/// <param name="Sent">How many are on their way to their queues.</param>
/// <param name="Unsendable">How many stay where they are because their payload is no text: nobody could ever read them.</param>
public sealed record ResentLetters(int Sent, int Unsendable);
