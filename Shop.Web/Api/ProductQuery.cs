using Microsoft.AspNetCore.WebUtilities;

namespace Shop.Web.Api;

/// <summary>What a visitor narrowed the products down to: the state of a listing's address.</summary>
/// <param name="Path">The listing's own address, e.g. <c>/search</c>.</param>
/// <param name="Category">A category's slug.</param>
/// <param name="Brand">A brand's slug.</param>
/// <param name="MinPrice">In major units, as people type it.</param>
/// <param name="MaxPrice">In major units, as people type it.</param>
/// <param name="WithFacets">Whether the page shows what it could be narrowed down to.</param>
public sealed record ProductQuery(
    string Path = "/products",
    string? Search = null,
    string? Category = null,
    string? Brand = null,
    decimal? MinPrice = null,
    decimal? MaxPrice = null,
    bool InStock = false,
    string? Sort = null,
    string? Cursor = null,
    int PageSize = 24,
    bool WithFacets = true)
{
    private const int MinorUnitsOfOneMajor = 100;

    /// <summary>Nothing costs more, and its minor units are still a whole number of 64 bits.</summary>
    private const decimal MostMoney = 1e15m;

    public bool IsNarrowed =>
        Brand is not null || MinPrice is not null || MaxPrice is not null || InStock || (Category is not null && !HasCategoryInPath);

    private bool HasCategoryInPath => Path.StartsWith("/category/", StringComparison.Ordinal);

    /// <summary>The same products on their first page; the cursor belongs to one exact query only.</summary>
    public ProductQuery FromTheStart() => this with { Cursor = null };

    public ProductQuery WithoutFilters() =>
        FromTheStart() with
        {
            Brand = null,
            MinPrice = null,
            MaxPrice = null,
            InStock = false,
            Category = HasCategoryInPath ? Category : null
        };

    /// <summary>The address of the listing, with only what differs from the default.</summary>
    public string ToHref() => QueryHelpers.AddQueryString(Path, Parameters(
        ("q", Search),
        ("category", HasCategoryInPath ? null : Category),
        ("brand", Brand),
        ("minPrice", Text(MinPrice)),
        ("maxPrice", Text(MaxPrice)),
        ("inStock", InStock ? "true" : null),
        ("sort", Sort == ProductSort.Default ? null : Sort),
        ("cursor", Cursor)));

    /// <summary>The query of <c>GET /products</c>, whose prices are in minor units.</summary>
    public string ToApiQuery() => QueryHelpers.AddQueryString("", Parameters(
        ("search", Search),
        ("category", Category),
        ("brand", Brand),
        ("minPrice", Text(MinorUnits(MinPrice))),
        ("maxPrice", Text(MinorUnits(MaxPrice))),
        ("inStock", InStock ? "true" : null),
        ("sort", Sort),
        ("cursor", Cursor),
        ("facets", WithFacets ? null : "false"),
        ("pageSize", Text(PageSize))));

    private static IEnumerable<KeyValuePair<string, string?>> Parameters(params (string Name, string? Value)[] all) =>
        all.Where(parameter => !string.IsNullOrEmpty(parameter.Value))
            .Select(parameter => KeyValuePair.Create(parameter.Name, parameter.Value));

    private static long? MinorUnits(decimal? price) =>
        price is null ? null : (long)decimal.Round(decimal.Clamp(price.Value, -MostMoney, MostMoney) * MinorUnitsOfOneMajor);

    private static string? Text(IFormattable? value) => value?.ToString(null, System.Globalization.CultureInfo.InvariantCulture);
}
