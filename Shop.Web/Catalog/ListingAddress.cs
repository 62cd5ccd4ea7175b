using Shop.Web.Api;

namespace Shop.Web.Catalog;

/// <summary>Reads a listing's address. What isn't understood is left out: a mangled link still shows products.</summary>
public static class ListingAddress
{
    private const int LongestSearch = 100;
    private const decimal HighestPrice = 10_000_000m;

    public static ProductQuery Read(HttpRequest request)
    {
        var query = request.Query;
        var search = Text(query["q"]);
        return new ProductQuery(
            request.Path.Value ?? "/products",
            search is { Length: > LongestSearch } ? search[..LongestSearch] : search,
            Text(query["category"]),
            Text(query["brand"]),
            Price(query["minPrice"]),
            Price(query["maxPrice"]),
            query["inStock"] == "true",
            ProductSort.All.Any(sort => sort.Value == query["sort"]) ? query["sort"].ToString() : null,
            Text(query["cursor"]));
    }

    private static string? Text(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();

    /// <summary>Takes a comma for a point, as half of Europe types it.</summary>
    private static decimal? Price(string? value) =>
        decimal.TryParse(
            value?.Replace(',', '.'), NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
            CultureInfo.InvariantCulture, out var price) && price is >= 0 and <= HighestPrice
            ? price
            : null;
}
