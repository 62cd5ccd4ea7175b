using Shop.Contracts;
using Shop.Contracts.Catalog;
using Shop.Contracts.Promotions;
using Shop.Infrastructure.Inventory;
using Shop.Infrastructure.Promotions;

namespace Shop.Infrastructure.Catalog;

/// <summary>
/// The catalogue's reads. Stock belongs to another module and changes with every order, so it is asked there and not joined:
/// how many are left of what is shown. Whether a product can be bought at all stands beside it (<see cref="ProductAvailability"/>),
/// for filters and counts. Flash sales are another module too: what is shown costs what it costs now; filters and order go by the
/// regular prices.
/// </summary>
public sealed class CatalogQueries(NpgsqlDataSource database, ActiveSales sales, FacetIndex facetIndex)
{
    private const string Summary = """
        p.id, p.skus, p.slug, p.name, b.name, c.name, c.slug, p.price_minor, p.compare_at_minor, p.currency, p.image_url, p.rating
        """;

    /// <summary>$1 text.</summary>
    private const string HasWords = "p.search @@ to_tsquery('english', $1)";

    private const string Sources = """
        FROM catalog.products p JOIN catalog.brands b ON b.slug = p.brand JOIN catalog.categories c ON c.slug = p.category
        """;

    /// <summary>
    /// The order a list comes in: without words there is nothing to be relevant to, and newest first is what a shop window shows.
    /// </summary>
    public static ProductSort SortOf(ProductSort asked, string? text) =>
        asked is ProductSort.Relevance && TextQuery(text) is null ? ProductSort.Newest : asked;

    public async Task<ProductPage> SearchAsync(ProductSearch search, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(search);
        var text = TextQuery(search.Text);
        if (search.Text is { Length: > 0 } && text is null)
            return new ProductPage([], null, 0, new ProductFacets([], [], null, 0));

        var (key, type, descending) = SortOf(search.Sort, search.Text) switch
        {
            ProductSort.PriceAscending => ("p.price_minor", "bigint", false),
            ProductSort.PriceDescending => ("p.price_minor", "bigint", true),
            ProductSort.Name => ("p.name", "text", false),
            ProductSort.Rating => ("coalesce(p.rating, 0)", "numeric", true),
            ProductSort.Relevance => ("ts_rank(p.search, to_tsquery('english', $1))", "real", true),
            _ => ("p.created_at", "timestamptz", true),
        };
        var (direction, beyond) = descending ? ("DESC", "<") : ("ASC", ">");

        var first = search.Cursor is null && search.WithFacets;
        var counted = first ? await facetIndex.ProductsAsync(cancellationToken) : null;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        string[] soldOut = [.. sales.SoldOut()];
        await using var batch = connection.CreateBatch();
        batch.Add($"""
            SELECT {Summary}, ({key})::text
            {Sources}
            WHERE {Matches(search, text, soldOut)} {(search.Cursor is null ? "" : $"AND ({key}, p.id) {beyond} ($8::{type}, $9::uuid)")}
            ORDER BY {key} {direction}, p.id {direction}
            LIMIT $10
            """, [.. Filter(search, text, soldOut), search.Cursor?.Key, search.Cursor?.Id, search.PageSize + 1]);

        if (first && text is not null)
            batch.Add(
                $"SELECT {FacetIndex.Columns(soldOut, "$2")} FROM catalog.products p WHERE p.published AND {HasWords}", text, soldOut);

        var rows = new List<(ProductSummary Product, string[] Skus, string Key)>(search.PageSize + 1);
        await using (var reader = await batch.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
                rows.Add((ReadSummary(reader), reader.GetFieldValue<string[]>(1), reader.GetString(12)));
            if (counted is not null && await reader.NextResultAsync(cancellationToken))
                counted = await FacetIndex.ReadAsync(reader, counted, cancellationToken);
        }

        var (total, facets) = (default(int?), default(ProductFacets));
        if (counted is not null)
            (total, facets) = counted.Count(search);
        var shown = rows.Take(search.PageSize).ToArray();
        var available = await Stock.AvailableAsync(connection, [.. shown.SelectMany(row => row.Skus)], cancellationToken);
        return new ProductPage(
            [.. shown.Select(row => AsSoldNow(row.Product,
            row.Skus) with { Available = row.Skus.Sum(sku => sales.Available(sku, available.GetValueOrDefault(sku))) })],
            rows.Count > search.PageSize ? new ProductCursor(shown[^1].Key, shown[^1].Product.Id).ToString() : null,
            total,
            facets);
    }

    /// <param name="slugOrId">The product's slug or its id.</param>
    /// <returns><see langword="null"/> when there is no such product for sale.</returns>
    public async Task<ProductDetails?> FindAsync(string slugOrId, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var batch = connection.CreateBatch();
        var (match, value) = Guid.TryParse(slugOrId, out var id) ? ("p.id = $1", (SqlValue)id) : ("p.slug = $1", slugOrId);
        batch.Add($"SELECT {Summary}, p.brand, p.description, p.images, p.options {Sources} WHERE p.published AND {match}", value);
        batch.Add($"""
            SELECT v.sku, v.name, v.options, v.price_minor, v.compare_at_minor, v.currency
            FROM catalog.variants v JOIN catalog.products p ON p.id = v.product_id WHERE {match} ORDER BY v.position
            """, value);

        ProductSummary summary;
        string brandSlug, description;
        ProductImage[] images;
        ProductOption[] options;
        var variants = new List<ProductVariant>();
        await using (var reader = await batch.ExecuteReaderAsync(cancellationToken))
        {
            if (!await reader.ReadAsync(cancellationToken))
                return null;
            summary = ReadSummary(reader);
            brandSlug = reader.GetString(12);
            description = reader.GetString(13);
            images = JsonSerializer.Deserialize(reader.GetString(14), CatalogJson.Default.ProductImageArray)!;
            options = JsonSerializer.Deserialize(reader.GetString(15), CatalogJson.Default.ProductOptionArray)!;
            await reader.NextResultAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                variants.Add(new ProductVariant(
                    reader.GetString(0), reader.GetString(1), reader.GetFieldValue<string[]>(2),
                    new Money(reader.GetInt64(3), reader.GetString(5)), ReadMoney(reader, 4, 5), Available: 0));
        }

        var available = await Stock.AvailableAsync(connection, [.. variants.Select(variant => variant.Sku)], cancellationToken);
        variants = [.. variants.Select(
            variant => AsSoldNow(variant) with { Available = sales.Available(variant.Sku, available.GetValueOrDefault(variant.Sku)) })];
        summary = AsSoldNow(summary, [.. variants.Select(variant => variant.Sku)]);
        return new ProductDetails(
            summary.Id, summary.Sku, summary.Slug, summary.Name, summary.Brand, brandSlug, summary.Category, summary.CategorySlug,
            description, summary.Price, summary.CompareAtPrice, summary.ImageUrl, variants.Sum(variant => variant.Available),
            summary.Rating, images, options, variants);
    }

    public async Task<IReadOnlyList<Category>> CategoriesAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = connection.Sql("""
            SELECT c.slug, c.name, c.parent, c.image_url, count(p.id)::int
            FROM catalog.categories c LEFT JOIN catalog.products p ON p.category = c.slug AND p.published
            GROUP BY c.slug ORDER BY c.position, c.name
            """);
        var rows = await command.RowsAsync(
            row => (Category: new Category(row.GetString(0), row.GetString(1), row.GetString(3), row.GetInt32(4), []),
                Parent: row.GetStringOrNull(2)),
            cancellationToken);
        var children = rows.ToLookup(row => row.Parent, row => row.Category);
        return [.. children[null].Select(WithChildren).Where(category => category.ProductCount > 0)];

        Category WithChildren(Category category)
        {
            Category[] below = [.. children[category.Slug].Select(WithChildren).Where(child => child.ProductCount > 0)];
            return category with { Children = below, ProductCount = category.ProductCount + below.Sum(child => child.ProductCount) };
        }
    }

    public async Task<IReadOnlyList<Brand>> BrandsAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = connection.Sql("""
            SELECT b.slug, b.name, count(p.id)::int
            FROM catalog.brands b JOIN catalog.products p ON p.brand = b.slug AND p.published
            GROUP BY b.slug ORDER BY b.name
            """);
        return await command.RowsAsync(row => new Brand(row.GetString(0), row.GetString(1), row.GetInt32(2)), cancellationToken);
    }

    /// <summary>What is needed to show and price these SKUs; one that isn't for sale is missing.</summary>
    public async Task<Dictionary<string, CatalogItem>> ItemsAsync(string[] skus, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = connection.Sql(CatalogItem.Query, skus);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await CatalogItem.ReadAsync(reader, cancellationToken);
    }

    /// <summary>A product whose cheapest piece is one of a running sale costs that, instead of what it did.</summary>
    private ProductSummary AsSoldNow(ProductSummary product, string[] skus) =>
        skus.Select(sku => sales.Running(sku)?.Item.Price).Min(price => price?.MinorUnits) is { } lowest && lowest < product.Price.Amount
            ? product with { Price = product.Price with { Amount = lowest }, CompareAtPrice = product.Price }
            : product;

    private ProductVariant AsSoldNow(ProductVariant variant) =>
        sales.Running(variant.Sku) is { } running
            ? variant with
            {
                Price = variant.Price with { Amount = running.Item.Price.MinorUnits },
                CompareAtPrice = running.Item.Price.MinorUnits < variant.Price.Amount ? variant.Price : variant.CompareAtPrice,
                FlashSale = new FlashSaleNote(running.EndsAt, running.Item.LimitPerCustomer),
            }
            : variant;

    /// <summary>
    /// A full-text query in which every word must occur and the last may be a beginning, so that results come
    /// while one types. Null when the text holds no word.
    /// </summary>
    private static string? TextQuery(string? text)
    {
        var words = (text ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Select(word => new string([.. word.Where(character => char.IsLetterOrDigit(character) || character is '-')]).Trim('-'))
            .Where(word => word.Length > 0)
            .ToArray();
        return words.Length == 0 ? null : string.Join(" & ", words.Select(word => $"'{word}':*"));
    }

    private static SqlValue[] Filter(ProductSearch search, string? text, string[] soldOut) =>
        [text, search.Category, search.Brand, search.MinPriceMinor, search.MaxPriceMinor, search.InStock, soldOut];

    /// <summary>
    /// The filter of a list, without what isn't asked for, so that an index alone can answer.
    /// $1 text, $2 category, $3 brand, $4 and $5 price, $7 SKUs of running sales that are sold out.
    /// </summary>
    private static string Matches(ProductSearch search, string? text, string[] soldOut) => string.Join(" AND ", new[]
    {
        "p.published",
        text is null ? null : HasWords,
        search.Category is null ? null : "(p.category = $2 OR p.category IN (SELECT slug FROM catalog.categories WHERE parent = $2))",
        search.Brand is null ? null : "p.brand = $3",
        search.MinPriceMinor is null ? null : "p.price_minor >= $4",
        search.MaxPriceMinor is null ? null : "p.price_minor <= $5",
        search.InStock ? FacetIndex.IsInStock(soldOut, "$7") : null,
    }.OfType<string>());

    private static ProductSummary ReadSummary(NpgsqlDataReader reader)
    {
        var skus = reader.GetFieldValue<string[]>(1);
        return new ProductSummary(
            reader.GetGuid(0), skus[0], reader.GetString(2), reader.GetString(3), reader.GetString(4), reader.GetString(5),
            reader.GetString(6),
            new Money(reader.GetInt64(7), reader.GetString(9)), ReadMoney(reader, 8, 9), reader.GetString(10),
            Available: 0, reader.IsDBNull(11) ? null : reader.GetDecimal(11), skus.Length);
    }

    private static Money? ReadMoney(NpgsqlDataReader reader, int amount, int currency) =>
        reader.IsDBNull(amount) ? null : new Money(reader.GetInt64(amount), reader.GetString(currency));
}
