namespace Shop.Contracts.Promotions;

/// <summary>What a product's page says of the flash sale that sells it now.</summary>
/// <param name="EndsAt">From then on it costs what it did before.</param>
/// <param name="LimitPerCustomer">Pieces a customer may buy in the sale.</param>
public sealed record FlashSaleNote(DateTimeOffset EndsAt, int LimitPerCustomer);
