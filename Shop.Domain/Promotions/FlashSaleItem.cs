namespace Shop.Domain.Promotions;

/// <summary>A SKU in a flash sale.</summary>
/// <param name="Price">What a piece costs while the sale runs.</param>
/// <param name="Quantity">Pieces the sale sells, at least 1.</param>
/// <param name="LimitPerCustomer">Pieces a customer may buy over all orders of the sale, at least 1.</param>
/// <param name="Taken">Pieces sold and not given back; between 0 and <paramref name="Quantity"/>.</param>
public sealed record FlashSaleItem(string Sku, Money Price, int Quantity, int LimitPerCustomer, int Taken = 0)
{
    /// <summary>Pieces the sale has left; the stock may have fewer.</summary>
    public int Left => Quantity - Taken;

    /// <param name="quantity">Pieces wanted, at least 1.</param>
    /// <param name="alreadyBought">Pieces the customer has of this sale, those given back left out.</param>
    public SaleVerdict Allows(int quantity, int alreadyBought)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quantity, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(alreadyBought);
        return quantity > Left ? SaleVerdict.SoldOut
            : quantity > LimitPerCustomer - alreadyBought ? SaleVerdict.OverLimit
            : SaleVerdict.Allowed;
    }
}
