namespace Shop.Contracts.Promotions;

/// <summary>A flash sale, for those who run the shop.</summary>
/// <param name="Status"><c>upcoming</c>, <c>running</c> or <c>over</c>.</param>
public sealed record FlashSaleDetails(
    Guid Id, string Name, string Status, DateTimeOffset StartsAt, DateTimeOffset EndsAt, IReadOnlyList<FlashSaleDetailsItem> Items);

/// <param name="Taken">Pieces sold, those of cancelled orders left out.</param>
/// <param name="Remaining">Pieces the sale could still sell, if there are as many in stock.</param>
public sealed record FlashSaleDetailsItem(string Sku, Money Price, int Quantity, int LimitPerCustomer, int Taken, int Remaining);
