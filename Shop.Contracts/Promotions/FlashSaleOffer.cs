namespace Shop.Contracts.Promotions;

/// <summary>A flash sale that runs or is to come, for customers.</summary>
/// <param name="Running">Whether its prices hold already.</param>
public sealed record FlashSaleOffer(
    Guid Id, string Name, bool Running, DateTimeOffset StartsAt, DateTimeOffset EndsAt, IReadOnlyList<FlashSaleOfferItem> Items);

/// <param name="RegularPrice">What a piece costs before and after the sale.</param>
/// <param name="Left">About how many pieces the sale has left: exact below 10, above with its first digit only (460 is 400).</param>
public sealed record FlashSaleOfferItem(
    string Sku, string Slug, string Name, string Variant, string ImageUrl, Money Price, Money RegularPrice, int LimitPerCustomer, int Left);
