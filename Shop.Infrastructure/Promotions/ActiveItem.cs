using Shop.Domain.Promotions;

namespace Shop.Infrastructure.Promotions;

/// <summary>A SKU of a sale that runs or is about to.</summary>
public sealed record ActiveItem(Guid SaleId, DateTimeOffset StartsAt, DateTimeOffset EndsAt, FlashSaleItem Item)
{
    public bool IsRunning(DateTimeOffset now) => StartsAt <= now && now < EndsAt;
}
