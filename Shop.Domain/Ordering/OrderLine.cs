namespace Shop.Domain.Ordering;

/// <summary>What was bought, as it was called and cost at that moment: later changes of the catalogue don't reach it.</summary>
/// <param name="ProductSlug">Leads to the product's page as long as there is one.</param>
/// <param name="Variant">e.g. <c>M / Forest</c>; empty when there was nothing to choose.</param>
/// <param name="Quantity">1 to 99.</param>
public sealed record OrderLine(
    string Sku,
    string ProductSlug,
    string Name,
    string Variant,
    string ImageUrl,
    long UnitPriceMinor,
    int Quantity)
{
    public Money Total(Currency currency) => new Money(UnitPriceMinor, currency) * Quantity;
}
