namespace Shop.Contracts.Promotions;

/// <summary>A flash sale as it is planned: for a while its SKUs are sold at its prices, up to its quantities.</summary>
/// <param name="Name">What customers see; 1 to 100 characters.</param>
/// <param name="EndsAt">The first moment at which it is over; 31 days after the start at the latest.</param>
/// <param name="Items">1 to 100 SKUs, each once.</param>
public sealed record CreateFlashSale(
    string? Name, DateTimeOffset? StartsAt, DateTimeOffset? EndsAt, IReadOnlyList<CreateFlashSaleItem>? Items);

/// <param name="Price">What a piece costs in the sale; no more than otherwise.</param>
/// <param name="Quantity">Pieces the sale sells; the stock may end it earlier.</param>
/// <param name="LimitPerCustomer">Pieces a customer may buy over all orders of the sale.</param>
public sealed record CreateFlashSaleItem(string? Sku, Money? Price, int Quantity, int LimitPerCustomer);
