namespace Shop.Infrastructure.Notifications;

/// <summary>The mail server refused, failed or didn't answer. The message never holds the recipient's address.</summary>
public sealed class EmailNotSentException(string message) : Exception(message);
