using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Contracts.Baskets;
using Shop.Infrastructure.Baskets;
using Shop.Infrastructure.Catalog;
using Shop.Infrastructure.Inventory;
using Shop.Infrastructure.Promotions;
using DomainBasket = Shop.Domain.Baskets.Basket;

namespace Shop.ApiService.Baskets;

internal static class BasketEndpoints
{
    public static void MapBaskets(this IEndpointRouteBuilder api)
    {
        var baskets = api.MapGroup("/baskets/{id:guid}").WithTags("Baskets");
        baskets.MapGet("/", GetAsync).WithName("GetBasket").WithSummary("A basket with prices and stock as of now");
        baskets.MapPut("/items/{sku}", SetAsync).WithName("SetBasketItem").WithSummary("Put so many pieces of a SKU into the basket");
        baskets.MapDelete("/items/{sku}", RemoveAsync).WithName("RemoveBasketItem").WithSummary("Take a SKU out of the basket");
    }

    private static async Task<Ok<Basket>> GetAsync(
        Guid id, BasketStore baskets, CatalogQueries catalog, Stock stock, ActiveSales sales, CancellationToken cancellationToken) =>
        TypedResults.Ok(await PriceAsync(await baskets.GetAsync(id), catalog, stock, sales, cancellationToken));

    private static async Task<Results<Ok<Basket>, ValidationProblem, ProblemHttpResult>> SetAsync(
        Guid id, string sku, SetBasketItem item, BasketStore baskets, CatalogQueries catalog, Stock stock, ActiveSales sales,
        CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        if (!DomainBasket.IsValidQuantity(item.Quantity))
            errors.Add("quantity", $"The quantity must be 1 to {DomainBasket.MaxQuantity}.");
        if (errors.Any)
            return errors.ToProblem();
        if (sku.Contains('\0', StringComparison.Ordinal) || !(await catalog.ItemsAsync([sku], cancellationToken)).ContainsKey(sku))
            return TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, detail: $"There is no product with the SKU {sku}.");
        if (!await baskets.SetAsync(id, sku, item.Quantity))
        {
            errors.Add("sku", $"A basket takes {DomainBasket.MaxLines} different products at most.");
            return errors.ToProblem();
        }

        return TypedResults.Ok(await PriceAsync(await baskets.GetAsync(id), catalog, stock, sales, cancellationToken));
    }

    private static async Task<Ok<Basket>> RemoveAsync(
        Guid id, string sku, BasketStore baskets, CatalogQueries catalog, Stock stock, ActiveSales sales,
        CancellationToken cancellationToken)
    {
        await baskets.RemoveAsync(id, sku);
        return TypedResults.Ok(await PriceAsync(await baskets.GetAsync(id), catalog, stock, sales, cancellationToken));
    }

    private static async Task<Basket> PriceAsync(
        DomainBasket basket, CatalogQueries catalog, Stock stock, ActiveSales sales, CancellationToken cancellationToken)
    {
        var skus = basket.Quantities.Keys.ToArray();
        var items = await catalog.ItemsAsync(skus, cancellationToken);
        var available = await stock.AvailableAsync(skus, cancellationToken);
        // What isn't for sale any more is not shown: it could neither be priced nor bought.
        var lines = basket.Quantities
            .Where(line => items.ContainsKey(line.Key))
            .Select(line => (
                Item: items[line.Key], Price: sales.Running(line.Key)?.Item.Price ?? items[line.Key].Price, Quantity: line.Value))
            .OrderBy(line => line.Item.Name, StringComparer.Ordinal).ThenBy(line => line.Item.Sku, StringComparer.Ordinal)
            .ToArray();
        var total = lines.Aggregate(
            Domain.Money.Zero(lines.FirstOrDefault().Item?.Price.Currency ?? Domain.Currency.Eur),
            (sum, line) => sum + (line.Price * line.Quantity));
        return new Basket(
            basket.Id,
            [.. lines.Select(line => new BasketLine(
                line.Item.Sku, line.Item.Slug, line.Item.Name, line.Item.Variant, line.Item.ImageUrl, line.Price.ToContract(),
                line.Quantity, (line.Price * line.Quantity).ToContract(),
                sales.Available(line.Item.Sku, available.GetValueOrDefault(line.Item.Sku)),
                line.Item.Price.MinorUnits > line.Price.MinorUnits ? line.Item.Price.ToContract() : null))],
            lines.Sum(line => line.Quantity),
            total.ToContract(),
            basket.Version);
    }
}
