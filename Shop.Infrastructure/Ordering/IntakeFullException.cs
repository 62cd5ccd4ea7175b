namespace Shop.Infrastructure.Ordering;

/// <summary>More orders come in than can be written; nothing of this one was.</summary>
public sealed class IntakeFullException() : Exception("Too many orders are coming in at the moment.");
