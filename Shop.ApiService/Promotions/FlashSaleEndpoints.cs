using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Contracts;
using Shop.Contracts.Promotions;
using Shop.Domain.Promotions;
using Shop.Infrastructure.Catalog;
using Shop.Infrastructure.Inventory;
using Shop.Infrastructure.Promotions;
using Shop.ServiceDefaults;

namespace Shop.ApiService.Promotions;

internal static class FlashSaleEndpoints
{
    /// <summary>Sales shown to customers at once.</summary>
    private const int MaxOffers = 20;

    /// <summary>How long an offer may look a little older than it is.</summary>
    private static readonly TimeSpan OfferAge = TimeSpan.FromSeconds(2);

    public static void MapFlashSales(this IEndpointRouteBuilder api) =>
        api.MapGroup("/flash-sales").WithTags("Flash sales").MapGet("/", OffersAsync)
            .WithName("ListFlashSaleOffers").WithSummary("The flash sales that run or are to come")
            .Produces<Page<FlashSaleOffer>>().Produces(StatusCodes.Status304NotModified);

    public static void MapFlashSaleAdministration(this IEndpointRouteBuilder admin)
    {
        var sales = admin.MapGroup("/flash-sales");
        sales.MapPost("/", CreateAsync).WithName("CreateFlashSale").WithSummary("Plan a flash sale")
            .WithDescription("While it runs, its SKUs are sold by it alone. Two sales never sell the same SKU at the same time.")
            .ProducesProblem(StatusCodes.Status409Conflict);
        sales.MapGet("/", ListAsync).WithName("ListFlashSales").WithSummary("All flash sales, the newest first");
        sales.MapGet("/{id:guid}", FindAsync).WithName("GetFlashSale").WithSummary("One flash sale, with what it has sold")
            .ProducesProblem(StatusCodes.Status404NotFound);
        sales.MapPost("/{id:guid}/end", EndAsync).WithName("EndFlashSale").WithSummary("End a flash sale now")
            .WithDescription("It ends within three seconds, when every replica knows. One that has not begun is called off; one that is "
                + "over stays as it is.")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Results<Created<FlashSaleDetails>, ValidationProblem, ProblemHttpResult>> CreateAsync(
        CreateFlashSale sent, FlashSales sales, CatalogQueries catalog, TimeProvider time, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        if (await FlashSaleDraft.CheckAsync(sent, catalog, time.GetUtcNow(), errors, cancellationToken) is not { } sale)
            return errors.ToProblem();
        var clashes = await sales.CreateAsync(sale, cancellationToken);
        return clashes.Count == 0
            ? TypedResults.Created($"/api/v1/admin/flash-sales/{sale.Id}", Details(sale, time.GetUtcNow()))
            : TypedResults.Problem(
                statusCode: StatusCodes.Status409Conflict,
                type: Problems.Prefix + "flash-sales-overlap",
                title: "Flash sales overlap",
                detail: $"Another flash sale sells {string.Join(", ", clashes)} at some time of this one. End it first, or choose another "
                    + "time.",
                extensions: [new("skus", clashes)]);
    }

    private static async Task<Results<Ok<Page<FlashSaleDetails>>, ValidationProblem>> ListAsync(
        FlashSales sales,
        TimeProvider time,
        [Description("1 to 100, 24 unless told.")] int? pageSize,
        [Description("nextCursor of the page before.")] string? cursor,
        CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        var size = errors.SizeOfPage(pageSize);
        var after = errors.Cursor<Guid?>(cursor, TryParse);
        if (errors.Any)
            return errors.ToProblem();
        var found = await sales.ListAsync(after, size + 1, cancellationToken);
        return TypedResults.Ok(new Page<FlashSaleDetails>(
            [.. found.Take(size).Select(sale => Details(sale, time.GetUtcNow()))],
            found.Count > size ? found[size - 1].Id.ToString("N", CultureInfo.InvariantCulture) : null));
    }

    private static async Task<Results<Ok<FlashSaleDetails>, ProblemHttpResult>> FindAsync(
        Guid id, FlashSales sales, TimeProvider time, CancellationToken cancellationToken) =>
        await sales.FindAsync(id, cancellationToken) is { } sale ? TypedResults.Ok(Details(sale, time.GetUtcNow())) : NotFound();

    private static async Task<Results<Ok<FlashSaleDetails>, ProblemHttpResult>> EndAsync(
        Guid id, FlashSales sales, TimeProvider time, CancellationToken cancellationToken) =>
        await sales.EndAsync(id, cancellationToken) is { } sale ? TypedResults.Ok(Details(sale, time.GetUtcNow())) : NotFound();

    private static async Task<CachedJson<Page<FlashSaleOffer>>> OffersAsync(
        FlashSales sales, CatalogQueries catalog, Stock stock, TimeProvider time, CancellationToken cancellationToken)
    {
        var offers = await sales.OffersAsync(MaxOffers, cancellationToken);
        string[] skus = [.. offers.SelectMany(sale => sale.Items, (_, item) => item.Sku).Distinct(StringComparer.Ordinal)];
        var items = await catalog.ItemsAsync(skus, cancellationToken);
        var inStock = await stock.AvailableAsync(skus, cancellationToken);
        var now = time.GetUtcNow();
        return new CachedJson<Page<FlashSaleOffer>>(
            new Page<FlashSaleOffer>(
                [.. offers.Select(sale => new FlashSaleOffer(
                    sale.Id, sale.Name, sale.IsRunning(now), sale.StartsAt, sale.EndsAt,
                    [.. sale.Items.Where(item => items.ContainsKey(item.Sku)).Select(
                        item => Offer(item, items[item.Sku], inStock.GetValueOrDefault(item.Sku)))]))],
                null),
            ShopJson.Default.PageFlashSaleOffer,
            OfferAge);
    }

    private static FlashSaleOfferItem Offer(FlashSaleItem item, CatalogItem product, int inStock) => new(
        item.Sku, product.Slug, product.Name, product.Variant, product.ImageUrl, item.Price.ToContract(), product.Price.ToContract(),
        item.LimitPerCustomer, Roughly(Math.Min(item.Left, inStock)));

    /// <summary>Its first digit, the others 0: a customer needs no more, and a rival counts no sales by it.</summary>
    private static int Roughly(int count)
    {
        var unit = 1;
        while (count / unit >= 10)
            unit *= 10;
        return count / unit * unit;
    }

    private static FlashSaleDetails Details(FlashSale sale, DateTimeOffset now) => new(
        sale.Id, sale.Name, sale.IsOver(now) ? "over" : sale.IsRunning(now) ? "running" : "upcoming", sale.StartsAt, sale.EndsAt,
        [.. sale.Items.Select(item => new FlashSaleDetailsItem(
            item.Sku, item.Price.ToContract(), item.Quantity, item.LimitPerCustomer, item.Taken, item.Left))]);

    private static bool TryParse(string cursor, out Guid? last)
    {
        last = Guid.TryParseExact(cursor, "N", out var id) ? id : null;
        return last is not null;
    }

    private static ProblemHttpResult NotFound() =>
        TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, detail: "There is no such flash sale.");
}
