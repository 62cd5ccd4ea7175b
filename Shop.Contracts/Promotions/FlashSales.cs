namespace Shop.Contracts.Promotions;

/// <summary>A flash sale, for those who run the shop.</summary>
/// <param name="Status"><c>upcoming</c>, <c>running</c> or <c>over</c>.</param>
public sealed record FlashSaleDetails(
    Guid Id, string Name, string Status, DateTimeOffset StartsAt, DateTimeOffset EndsAt, IReadOnlyList<FlashSaleDetailsItem> Items);

/// <param name="Taken">Pieces sold, those of cancelled orders left out.</param>
/// <param name="Remaining">Pieces the sale could still sell, if there are as many in stock.</param>
public sealed record FlashSaleDetailsItem(string Sku, Money Price, int Quantity, int LimitPerCustomer, int Taken, int Remaining);

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

/// <summary>What a product's page says of the flash sale that sells it now.</summary>
/// <param name="EndsAt">From then on it costs what it did before.</param>
/// <param name="LimitPerCustomer">Pieces a customer may buy in the sale.</param>
public sealed record FlashSaleNote(DateTimeOffset EndsAt, int LimitPerCustomer);

/// <summary>A flash sale that runs or is to come, for customers.</summary>
/// <param name="Running">Whether its prices hold already.</param>
public sealed record FlashSaleOffer(
    Guid Id, string Name, bool Running, DateTimeOffset StartsAt, DateTimeOffset EndsAt, IReadOnlyList<FlashSaleOfferItem> Items);

/// <param name="RegularPrice">What a piece costs before and after the sale.</param>
/// <param name="Left">About how many pieces the sale has left: exact below 10, above with its first digit only (460 is 400).</param>
public sealed record FlashSaleOfferItem(
    string Sku, string Slug, string Name, string Variant, string ImageUrl, Money Price, Money RegularPrice, int LimitPerCustomer, int Left);
