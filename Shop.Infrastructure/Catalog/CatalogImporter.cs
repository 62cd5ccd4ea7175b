using System.Security.Cryptography;
using Shop.Domain.Catalog;
using Shop.Infrastructure.Inventory;

namespace Shop.Infrastructure.Catalog;

/// <summary>
/// Loads products from a file into the catalogue, and the stock of SKUs that are new. Importing the same file
/// again changes nothing; stock of SKUs that exist already is never touched, since it has been sold from.
/// </summary>
public sealed class CatalogImporter(NpgsqlDataSource database, TimeProvider time, IOptions<CatalogOptions> options)
{
    /// <exception cref="UnreadableCatalogException">The file is missing, can't be opened or is no product CSV.</exception>
    public async Task<ImportResult> ImportAsync(string path, CancellationToken cancellationToken)
    {
        using var text = Open(path);
        var (products, faults) = ProductCsv.Read(text);

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await StoreNamesAsync(connection, products, cancellationToken);

        var (added, changed, skus) = (0, 0, 0);
        var takenSkus = new List<ImportFault>();
        foreach (var product in products)
        {
            if (await StoreProductAsync(connection, product, takenSkus, cancellationToken) is not { } isNew)
                continue;
            if (isNew)
                added++;
            else
                changed++;
            skus += product.Variants.Count;
        }

        await transaction.CommitAsync(cancellationToken);
        return new ImportResult(added, changed, products.Count - added - changed - takenSkus.Count, skus, [.. faults, .. takenSkus]);
    }

    private static StreamReader Open(string path)
    {
        try
        {
            return new StreamReader(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: false));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UnreadableCatalogException($"The catalogue {path} can't be opened: {failure.Message}", failure);
        }
    }

    private static async Task StoreNamesAsync(
        NpgsqlConnection connection, IReadOnlyList<ImportedProduct> products, CancellationToken cancellationToken)
    {
        var brands = products.Select(product => product.Brand).DistinctBy(Slug.From).ToArray();
        var categories = products.DistinctBy(product => Slug.From(product.Category)).ToArray();
        await using var batch = connection.CreateBatch();
        batch.Add(
            "INSERT INTO catalog.brands (slug, name) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING",
            brands.Select(Slug.From).ToArray(), brands);
        batch.Add("""
            INSERT INTO catalog.categories (slug, name, image_url, position)
            SELECT slug, name, image, ordinal
                FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS c (slug, name, image, ordinal)
            ON CONFLICT DO NOTHING
            """,
            categories.Select(product => Slug.From(product.Category)).ToArray(),
            categories.Select(product => product.Category).ToArray(),
            categories.Select(Image).ToArray());
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <returns>True for a new product, false for a changed one, null when there was nothing to do.</returns>
    private async Task<bool?> StoreProductAsync(
        NpgsqlConnection connection, ImportedProduct product, List<ImportFault> takenSkus, CancellationToken cancellationToken)
    {
        var hash = SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(product with { Line = 0 }));
        var skus = product.Variants.Select(variant => variant.Sku).ToArray();
        Guid? id = null;
        await using (var known = connection.Sql("SELECT id, import_hash FROM catalog.products WHERE slug = $1", product.Slug))
        await using (var reader = await known.ExecuteReaderAsync(cancellationToken))
        {
            if (await reader.ReadAsync(cancellationToken))
            {
                id = reader.GetGuid(0);
                if (reader.GetFieldValue<byte[]>(1).AsSpan().SequenceEqual(hash))
                    return null;
            }
        }

        await using (var taken = connection.Sql(
            "SELECT min(sku) FROM catalog.variants WHERE sku = ANY ($1) AND product_id <> $2", skus, id ?? Guid.Empty))
        {
            if (await taken.ExecuteScalarAsync(cancellationToken) is string sku)
            {
                takenSkus.Add(new ImportFault(product.Line, $"the SKU {sku} belongs to another product of the shop."));
                return null;
            }
        }

        var now = time.GetUtcNow();
        var currency = options.Value.Currency;
        var cheapest = product.Variants.MinBy(variant => variant.PriceMinor)!;
        await using var batch = connection.CreateBatch();
        var productId = id ?? Guid.CreateVersion7(now);
        batch.Add("""
            INSERT INTO catalog.products (id, slug, name, description, brand, category, tags, image_url, images, options, published,
                price_minor, compare_at_minor, currency, skus, import_hash, created_at, updated_at, search)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10::jsonb, $11, $12, $13, $14, $15, $16, $17, $17,
                setweight(to_tsvector('english', $3), 'A') || setweight(to_tsvector('english', $18), 'B')
                    || setweight(to_tsvector('english', $4), 'C'))
            ON CONFLICT (slug) DO UPDATE SET name = excluded.name, description = excluded.description, brand = excluded.brand,
                category = excluded.category, tags = excluded.tags, image_url = excluded.image_url, images = excluded.images,
                options = excluded.options, published = excluded.published, price_minor = excluded.price_minor,
                compare_at_minor = excluded.compare_at_minor, currency = excluded.currency, skus = excluded.skus,
                import_hash = excluded.import_hash, updated_at = excluded.updated_at, search = excluded.search
            """,
            productId, product.Slug, product.Name, product.Description, Slug.From(product.Brand), Slug.From(product.Category),
            product.Tags.ToArray(),
            Image(product),
            JsonSerializer.Serialize([.. product.Images], CatalogJson.Default.ProductImageArray),
            JsonSerializer.Serialize([.. product.Options], CatalogJson.Default.ProductOptionArray),
            product.Published, cheapest.PriceMinor, cheapest.CompareAtMinor, currency, skus, hash, now,
            string.Join(' ',
            [product.Brand, product.Category, .. product.Tags, .. skus, .. product.Variants.SelectMany(variant => variant.Options)]));
        batch.Add("DELETE FROM catalog.variants WHERE product_id = $1 AND sku <> ALL ($2)", productId, skus);
        foreach (var (position, variant) in product.Variants.Index())
        {
            batch.Add("""
                INSERT INTO catalog.variants (sku, product_id, position, name, options, price_minor, compare_at_minor, currency)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                ON CONFLICT (sku) DO UPDATE SET position = excluded.position, name = excluded.name, options = excluded.options,
                    price_minor = excluded.price_minor, compare_at_minor = excluded.compare_at_minor, currency = excluded.currency
                """,
                variant.Sku, productId, position, variant.Name, variant.Options.ToArray(), variant.PriceMinor, variant.CompareAtMinor,
                currency);
        }

        Stock.AddImported(batch, skus, [.. product.Variants.Select(variant => variant.Quantity)], now);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return id is null;
    }

    private static string Image(ImportedProduct product) => product.Images is [var first, ..] ? first.Url : CatalogOptions.PlaceholderImage;
}

/// <summary>The file as a whole can't be taken for a catalogue; the message tells the shop owner why and what to do.</summary>
public sealed class UnreadableCatalogException(string message, Exception? innerException = null) : Exception(message, innerException);
