namespace Shop.Web.Ordering;

/// <param name="At">When the order got there.</param>
public sealed record OrderStep(string Name, DateTimeOffset? At, bool IsDone, bool IsCurrent);
