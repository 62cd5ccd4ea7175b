using Shop.Domain.Promotions;

namespace Shop.Infrastructure.Promotions;

/// <summary>A SKU that a sale sells now.</summary>
/// <param name="SaleEndsAt">From then on it is sold as ever.</param>
public sealed record RunningItem(Guid SaleId, DateTimeOffset SaleEndsAt, FlashSaleItem Item);
