using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Contracts;
using Shop.Contracts.Catalog;
using Shop.Infrastructure.Catalog;

namespace Shop.ApiService.Catalog;

internal static class CatalogEndpoints
{
    /// <summary>How long a product may look a little older than it is; stock is decided when the order is placed.</summary>
    private static readonly TimeSpan ProductAge = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan MenuAge = TimeSpan.FromMinutes(1);

    private const int MaxSearchLength = 200;

    public static void MapCatalog(this IEndpointRouteBuilder api)
    {
        var catalog = api.MapGroup("/").WithTags("Catalog");
        catalog.MapGet("/products", SearchAsync).WithName("SearchProducts").WithSummary("Browse and search products")
            .Produces<ProductPage>().Produces(StatusCodes.Status304NotModified).ProducesValidationProblem().KeepForAMoment();
        catalog.MapGet("/products/{slugOrId}", FindAsync).WithName("GetProduct").WithSummary("One product by its slug or id")
            .Produces<ProductDetails>().Produces(StatusCodes.Status304NotModified).ProducesProblem(StatusCodes.Status404NotFound);
        catalog.MapGet("/categories", CategoriesAsync).WithName("ListCategories").WithSummary("The tree of categories")
            .Produces<Page<Category>>().Produces(StatusCodes.Status304NotModified);
        catalog.MapGet("/brands", BrandsAsync).WithName("ListBrands").WithSummary("All brands")
            .Produces<Page<Brand>>().Produces(StatusCodes.Status304NotModified);
    }

    private static async Task<Results<CachedJson<ProductPage>, ValidationProblem>> SearchAsync(
        CatalogQueries catalog,
        [Description("Words that must occur; the last may be a beginning.")] string? search,
        [Description("A category's slug.")] string? category,
        [Description("A brand's slug.")] string? brand,
        [Description("Lowest price, in minor units.")] long? minPrice,
        [Description("Highest price, in minor units.")] long? maxPrice,
        [Description("Only what can be sold now.")] bool? inStock,
        [Description("relevance, price, -price, newest, name or rating.")] string? sort,
        [Description("1 to 100, 24 unless told.")] int? pageSize,
        [Description("nextCursor of the page before.")] string? cursor,
        [Description("false leaves out facets and total, which cost more than the products.")] bool? facets,
        CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        if (search?.Length > MaxSearchLength)
            errors.Add("search", $"The search text is longer than {MaxSearchLength} characters.");
        var size = errors.SizeOfPage(pageSize);
        if (minPrice < 0)
            errors.Add("minPrice", "A price can't be negative.");
        if (maxPrice < 0)
            errors.Add("maxPrice", "A price can't be negative.");
        if (ParseSort(sort) is not { } order)
        {
            errors.Add("sort", "Sort by relevance, price, -price, newest, name or rating.");
            order = default;
        }

        var sortedBy = CatalogQueries.SortOf(order, search);
        var after = errors.Cursor<ProductCursor>(
            cursor, (text, out found) => ProductCursor.TryParse(text, sortedBy, out found), "this list in this order");
        errors.Searchable("search", search);
        errors.Searchable("category", category);
        errors.Searchable("brand", brand);

        if (errors.Any)
            return errors.ToProblem();
        var page = await catalog.SearchAsync(
            new ProductSearch(
                search, category, brand, minPrice, maxPrice, inStock ?? false, order, size, after,
                facets ?? true),
            cancellationToken);
        return new CachedJson<ProductPage>(page, ShopJson.Default.ProductPage, ProductAge);
    }

    private static async Task<Results<CachedJson<ProductDetails>, ProblemHttpResult>> FindAsync(
        CatalogQueries catalog, string slugOrId, CancellationToken cancellationToken) =>
        !slugOrId.Contains('\0', StringComparison.Ordinal) && await catalog.FindAsync(slugOrId, cancellationToken) is { } product
            ? new CachedJson<ProductDetails>(product, ShopJson.Default.ProductDetails, ProductAge)
            : TypedResults.Problem(
                statusCode: StatusCodes.Status404NotFound, detail: "There is no such product, or it isn't for sale any more.");

    private static async Task<CachedJson<Page<Category>>> CategoriesAsync(CatalogQueries catalog, CancellationToken cancellationToken) =>
        new(new Page<Category>(await catalog.CategoriesAsync(cancellationToken), null), ShopJson.Default.PageCategory, MenuAge);

    private static async Task<CachedJson<Page<Brand>>> BrandsAsync(CatalogQueries catalog, CancellationToken cancellationToken) =>
        new(new Page<Brand>(await catalog.BrandsAsync(cancellationToken), null), ShopJson.Default.PageBrand, MenuAge);

    private static ProductSort? ParseSort(string? sort) => sort switch
    {
        null or "" or "relevance" => ProductSort.Relevance,
        "price" => ProductSort.PriceAscending,
        "-price" => ProductSort.PriceDescending,
        "newest" => ProductSort.Newest,
        "name" => ProductSort.Name,
        "rating" => ProductSort.Rating,
        _ => null,
    };
}
