namespace Shop.Contracts.Messaging;

/// <summary>What became of dead letters that were to be sent again.</summary>
/// <param name="Sent">How many are on their way to their queues.</param>
/// <param name="Unsendable">How many stay where they are because their payload is no text: nobody could ever read them.</param>
public sealed record ResentLetters(int Sent, int Unsendable);
