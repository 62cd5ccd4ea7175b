namespace Shop.Contracts.Baskets;

/// <summary>A basket with prices as of now: they are never stored, so a basket is never stale.</summary>
/// <param name="Id">Made by the client.</param>
/// <param name="ItemCount">Pieces over all lines.</param>
/// <param name="Version">Another one after each change; null for a basket that nothing was ever put into. Each is ordered once.</param>
public sealed record Basket(Guid Id, IReadOnlyList<BasketLine> Lines, int ItemCount, Money Total, Guid? Version = null);

/// <param name="Variant">e.g. <c>M / Forest</c>; empty when the product has one variant.</param>
/// <param name="Available">Pieces that can be sold now; less than <paramref name="Quantity"/> means the line can't be ordered as it
/// is.</param>
/// <param name="CompareAtPrice">What a piece costs otherwise, while a flash sale sells it for less.</param>
public sealed record BasketLine(
    string Sku,
    string Slug,
    string Name,
    string Variant,
    string ImageUrl,
    Money UnitPrice,
    int Quantity,
    Money LineTotal,
    int Available,
    Money? CompareAtPrice = null);

/// <param name="Quantity">1 to 99.</param>
public sealed record SetBasketItem(int Quantity);
