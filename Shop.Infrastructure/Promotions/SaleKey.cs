namespace Shop.Infrastructure.Promotions;

/// <summary>The idempotency key of an order that took something of a sale.</summary>
public readonly record struct SaleKey(Guid SaleId, DateTimeOffset SaleEndsAt, Guid Key);
