using Npgsql;

namespace Shop.Benchmarks.Topology;

/// <summary>Chooses what is to be bought, and puts it in stock by the rules of the ledger.</summary>
public static class StockedProducts
{
    /// <summary>SKUs of the catalogue, in an order that is the same in every run.</summary>
    public static Task<string[]> SkusAsync(ShopTopology shop, int count, CancellationToken cancellationToken) =>
        ListAsync(
            shop,
            "SELECT v.sku FROM catalog.variants v JOIN catalog.products p ON p.id = v.product_id WHERE p.published ORDER BY v.sku LIMIT $1",
            count, cancellationToken);

    /// <summary>Addresses of products, in an order that is the same in every run.</summary>
    public static Task<string[]> SlugsAsync(ShopTopology shop, int count, CancellationToken cancellationToken) =>
        ListAsync(shop, "SELECT slug FROM catalog.products WHERE published ORDER BY slug LIMIT $1", count, cancellationToken);

    /// <summary>Corrects the stock so that this much can be sold now; each correction is a movement, so the ledger stays right.</summary>
    public static async Task FillAsync(
        ShopTopology shop, IReadOnlyCollection<string> skus, int available, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(shop);
        await using var command = shop.Database.CreateCommand("""
            WITH before AS (
                SELECT sku, $2 - (on_hand - reserved) AS missing FROM inventory.stock WHERE sku = ANY ($1) ORDER BY sku FOR UPDATE
            ), corrected AS (
                UPDATE inventory.stock SET on_hand = on_hand + before.missing, version = version + 1
                FROM before WHERE stock.sku = before.sku
            )
            INSERT INTO inventory.movements (sku, quantity, cause, at)
            SELECT sku, missing, 'correction', now() FROM before WHERE missing <> 0
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = skus.ToArray() });
        command.Parameters.Add(new NpgsqlParameter { Value = available });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<string[]> ListAsync(ShopTopology shop, string sql, int count, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(shop);
        await using var command = shop.Database.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter { Value = count });
        var list = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            list.Add(reader.GetString(0));
        return list.Count == count
            ? [.. list]
            : throw new ShopFailedException($"The catalogue has only {list.Count} of the {count} that are needed.");
    }
}
