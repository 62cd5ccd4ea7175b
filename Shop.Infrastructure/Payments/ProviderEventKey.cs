namespace Shop.Infrastructure.Payments;

/// <param name="EventId">The provider's own id of the event.</param>
public sealed record ProviderEventKey(string Provider, string EventId);
