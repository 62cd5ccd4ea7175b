namespace Shop.Worker.Messaging;

/// <summary>A message that can't be handled however often it is tried.</summary>
internal sealed class UnreadableMessageException(string message, Exception? innerException = null) : Exception(message, innerException);
