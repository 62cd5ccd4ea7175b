using Shop.Infrastructure.Inventory;

namespace Shop.Infrastructure.Catalog;

/// <summary>
/// Which products can be bought, as the catalogue notes it beside them: brought up to date with every SKU that was sold out or
/// came back. Lists filter and count by the note, a moment old; how many pieces are left is asked of the stock for what is shown.
/// </summary>
public sealed class ProductAvailability(NpgsqlDataSource database)
{
    /// <summary>Any number that nothing else in the database locks: "stock" in ASCII.</summary>
    private const long LockKey = 0x73_74_6f_63_6b;

    /// <summary>
    /// Looks at the products of all SKUs that have crossed the line; one process at a time, so that the later look has the last word.
    /// </summary>
    /// <returns>How many products have changed.</returns>
    public async Task<int> UpdateAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // Each statement sees what was committed before it began. What crosses the line after the first one is seen by the
        // others already, and looked at once more next time.
        await using (var turn = connection.Sql("SELECT pg_advisory_xact_lock($1)", LockKey))
            await turn.ExecuteNonQueryAsync(cancellationToken);
        var crossed = await Stock.TakeCrossingsAsync(connection, cancellationToken);
        if (crossed.Length == 0)
            return 0;
        var products = await ProductsOfAsync(connection, crossed, cancellationToken);
        var available = await Stock.AvailableAsync(connection, [.. products.SelectMany(product => product.Skus)], cancellationToken);
        var inStock = products.ConvertAll(product => product.Skus.Any(sku => available.GetValueOrDefault(sku) > 0));
        await using var note = connection.Sql("""
            UPDATE catalog.products AS product SET in_stock = seen.in_stock
            FROM unnest($1, $2) AS seen (id, in_stock) WHERE product.id = seen.id AND product.in_stock <> seen.in_stock
            """, products.ConvertAll(product => product.Id).ToArray(), inStock.ToArray());
        var changed = await note.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return changed;
    }

    private static async Task<List<(Guid Id, string[] Skus)>> ProductsOfAsync(
        NpgsqlConnection connection, string[] skus, CancellationToken cancellationToken)
    {
        await using var find = connection.Sql(
            "SELECT id, skus FROM catalog.products WHERE id IN (SELECT product_id FROM catalog.variants WHERE sku = ANY ($1))", skus);
        return await find.RowsAsync(row => (row.GetGuid(0), row.GetFieldValue<string[]>(1)), cancellationToken);
    }
}
