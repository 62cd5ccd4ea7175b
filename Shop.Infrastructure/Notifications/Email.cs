namespace Shop.Infrastructure.Notifications;

/// <summary>An e-mail to one person.</summary>
/// <param name="Id">What it tells; sent twice, a mail program knows by it that it is the same.</param>
/// <param name="To">An address.</param>
/// <param name="Text">Plain text; its lines end with a line feed.</param>
public sealed record Email(Guid Id, string To, string Subject, string Text);
