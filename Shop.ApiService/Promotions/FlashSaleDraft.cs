using Shop.Contracts.Promotions;
using Shop.Domain;
using Shop.Domain.Catalog;
using Shop.Domain.Inventory;
using Shop.Domain.Promotions;
using Shop.Infrastructure.Catalog;

namespace Shop.ApiService.Promotions;

/// <summary>Turns what was sent into a sale, and tells all that is wrong with it at once.</summary>
internal static class FlashSaleDraft
{
    /// <returns>The sale; null when something is wrong.</returns>
    public static async Task<FlashSale?> CheckAsync(
        CreateFlashSale sent, CatalogQueries catalog, DateTimeOffset now, FieldErrors errors, CancellationToken cancellationToken)
    {
        var name = errors.Required("name", sent.Name, FlashSale.MaxNameLength, "The name");
        if (sent.StartsAt is null)
            errors.Add("startsAt", "The start is missing.");
        if (sent.EndsAt is null)
            errors.Add("endsAt", "The end is missing.");
        if (sent is { StartsAt: { } startsAt, EndsAt: { } endsAt })
        {
            if (!FlashSale.IsPeriod(startsAt, endsAt))
                errors.Add("endsAt", $"A flash sale ends after its start, and {FlashSale.MaxDays} days after it at the latest.");
            else if (endsAt <= now)
                errors.Add("endsAt", "The sale would be over already.");
        }

        var items = await ItemsAsync(sent.Items ?? [], catalog, errors, cancellationToken);
        return errors.Any
            ? null
            : FlashSale.Plan(
                Guid.CreateVersion7(now), name, sent.StartsAt!.Value.ToUniversalTime(), sent.EndsAt!.Value.ToUniversalTime(), items);
    }

    private static async Task<List<FlashSaleItem>> ItemsAsync(
        IReadOnlyList<CreateFlashSaleItem?> sent, CatalogQueries catalog, FieldErrors errors, CancellationToken cancellationToken)
    {
        if (sent.Count is 0 or > FlashSale.MaxItems)
        {
            errors.Add("items", $"A flash sale has 1 to {FlashSale.MaxItems} items.");
            return [];
        }

        var known = await catalog.ItemsAsync([.. sent.Select(item => item?.Sku).OfType<string>().Where(Sku.IsValid)], cancellationToken);
        var items = new List<FlashSaleItem>(sent.Count);
        foreach (var (index, item) in sent.Index())
        {
            var sku = errors.Required($"items[{index}].sku", item?.Sku, Sku.MaxLength, "The SKU");
            var regular = known.GetValueOrDefault(sku);
            if (sku.Length > 0 && regular is null)
                errors.Add($"items[{index}].sku", $"There is no product with the SKU {sku}.");
            if (items.Exists(other => other.Sku == sku))
                errors.Add($"items[{index}].sku", $"{sku} stands in the sale twice.");
            if (item?.Quantity is null or < 1 or > StockLimit.MaxOnHand)
                errors.Add($"items[{index}].quantity", $"The quantity must be 1 to {StockLimit.MaxOnHand}.");
            if (item?.LimitPerCustomer is null or < 1 or > StockLimit.MaxOnHand)
                errors.Add($"items[{index}].limitPerCustomer", $"The limit per customer must be 1 to {StockLimit.MaxOnHand}.");
            items.Add(new FlashSaleItem(sku, Price(index, item?.Price, regular, errors), item?.Quantity ?? 0, item?.LimitPerCustomer ?? 0));
        }

        return items;
    }

    private static Money Price(int index, Contracts.Money? sent, CatalogItem? regular, FieldErrors errors)
    {
        if (sent is null)
            errors.Add($"items[{index}].price", "The price is missing.");
        else if (sent.Amount < 0)
            errors.Add($"items[{index}].price", "A price can't be negative.");
        else if (regular is not null && sent.Currency != regular.Price.Currency.Code)
            errors.Add($"items[{index}].price", $"The price must be in {regular.Price.Currency}, as the product's is.");
        // A mistake, as a rule: nobody waits for a sale to pay more.
        else if (regular is not null && sent.Amount > regular.Price.MinorUnits)
            errors.Add($"items[{index}].price", $"The price is above the regular one, {regular.Price}.");
        else if (regular is not null)
            return regular.Price with { MinorUnits = sent.Amount };
        return Money.Zero(Currency.Eur);
    }
}
