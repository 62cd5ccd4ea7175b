using Shop.Domain;
using Shop.Domain.Promotions;

namespace Shop.Infrastructure.Promotions;

/// <summary>Plans, shows and ends flash sales.</summary>
public sealed class FlashSales(NpgsqlDataSource database, TimeProvider time)
{
    /// <summary>
    /// A sale ends no sooner than so long from now: by then no process refuses an order of it that the stock could fill,
    /// since none trusts older knowledge (<see cref="ActiveSales.TrustedFor"/>).
    /// </summary>
    public static readonly TimeSpan EndNotice = ActiveSales.TrustedFor + TimeSpan.FromSeconds(1);

    private const string Columns =
        "s.id, s.name, s.starts_at, s.ends_at, i.sku, i.price_minor, i.currency, i.quantity, i.limit_per_customer, i.taken";

    private const string Sources = "FROM promotions.flash_sales s JOIN promotions.flash_sale_items i ON i.sale_id = s.id";

    /// <returns>The SKUs that another sale sells at some time of this one; none when it was created.</returns>
    public async Task<IReadOnlyList<string>> CreateAsync(FlashSale sale, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(sale);
        var skus = sale.Items.Select(item => item.Sku).ToArray();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var look = connection.CreateBatch();
        // One at a time, so that two don't miss each other; orders are not held up.
        look.Add("LOCK TABLE promotions.flash_sales IN SHARE ROW EXCLUSIVE MODE");
        look.Add($"SELECT DISTINCT i.sku {Sources} WHERE s.starts_at < $3 AND s.ends_at > $2 AND s.starts_at < s.ends_at AND i.sku = ANY "
            + "($1) ORDER BY i.sku", skus, sale.StartsAt, sale.EndsAt);
        var clashes = new List<string>();
        await using (var reader = await look.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
                clashes.Add(reader.GetString(0));
        }

        if (clashes.Count > 0)
            return clashes;

        await using var write = connection.CreateBatch();
        write.Add(
            "INSERT INTO promotions.flash_sales (id, name, starts_at, ends_at, created_at) VALUES ($1, $2, $3, $4, $5)",
            sale.Id, sale.Name, sale.StartsAt, sale.EndsAt, time.GetUtcNow());
        write.Add("""
            INSERT INTO promotions.flash_sale_items (sale_id, sku, price_minor, currency, quantity, limit_per_customer)
            SELECT $1, item.* FROM unnest($2::text[], $3::bigint[], $4::text[], $5::int[], $6::int[]) AS item
            """,
            sale.Id, skus, sale.Items.Select(item => item.Price.MinorUnits).ToArray(),
            sale.Items.Select(item => item.Price.Currency.Code).ToArray(),
            sale.Items.Select(item => item.Quantity).ToArray(), sale.Items.Select(item => item.LimitPerCustomer).ToArray());
        await write.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return [];
    }

    public async Task<FlashSale?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        (await SalesAsync($"SELECT {Columns} {Sources} WHERE s.id = $1 ORDER BY i.sku", [id], cancellationToken)).SingleOrDefault();

    /// <summary>The newest first.</summary>
    /// <param name="after">The last sale of the page before; null for the first page.</param>
    /// <param name="count">How many at most.</param>
    public Task<IReadOnlyList<FlashSale>> ListAsync(Guid? after, int count, CancellationToken cancellationToken) => SalesAsync(
        $"""
        SELECT {Columns} {Sources}
        WHERE s.id IN (SELECT p.id FROM promotions.flash_sales p WHERE $1::uuid IS NULL OR p.id < $1 ORDER BY p.id DESC LIMIT $2)
        ORDER BY s.id DESC, i.sku
        """, [after, count], cancellationToken);

    /// <summary>Those that run or are to come, by their start.</summary>
    public Task<IReadOnlyList<FlashSale>> OffersAsync(int count, CancellationToken cancellationToken) => SalesAsync(
        $"""
        SELECT {Columns} {Sources}
        WHERE s.id IN (
            SELECT p.id FROM promotions.flash_sales p WHERE p.ends_at > $1 AND p.starts_at < p.ends_at ORDER BY p.starts_at, p.id LIMIT $2)
        ORDER BY s.starts_at, s.id, i.sku
        """, [time.GetUtcNow(), count], cancellationToken);

    /// <summary>What runs, or starts within <see cref="ActiveSales.Ahead"/>.</summary>
    public async Task<IEnumerable<ActiveItem>> ActiveAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var sales = await SalesAsync(
            $"SELECT {Columns} {Sources} WHERE s.ends_at > $1 AND s.starts_at < s.ends_at AND s.starts_at <= $2 ORDER BY s.id",
            [now, now + ActiveSales.Ahead], cancellationToken);
        return sales.SelectMany(sale => sale.Items, (sale, item) => new ActiveItem(sale.Id, sale.StartsAt, sale.EndsAt, item));
    }

    /// <summary>
    /// Ends a sale after <see cref="EndNotice"/>, or calls off one that would start later. One that is over stays as it is.
    /// </summary>
    /// <returns>The sale as it is now; null when there is none.</returns>
    public async Task<FlashSale?> EndAsync(Guid id, CancellationToken cancellationToken)
    {
        // Given back before the sale is looked up: who holds a connection must not wait for a second one.
        await using (var connection = await database.OpenConnectionAsync(cancellationToken))
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            await using var take = connection.Sql("SELECT 1 FROM promotions.flash_sales WHERE id = $1 FOR UPDATE", id);
            await take.ExecuteNonQueryAsync(cancellationToken);
            // The notice counts from here, not from before the row could be had.
            await using var end = connection.Sql(
                "UPDATE promotions.flash_sales SET ends_at = least(ends_at, greatest(starts_at, $2)) WHERE id = $1", id,
                time.GetUtcNow() + EndNotice);
            await end.ExecuteNonQueryAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        return await FindAsync(id, cancellationToken);
    }

    /// <param name="sql">Selects <see cref="Columns"/>, the items of a sale one after another.</param>
    /// <param name="values">The statement's parameters.</param>
    private async Task<IReadOnlyList<FlashSale>> SalesAsync(string sql, SqlValue[] values, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = connection.Sql(sql, values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var sales = new List<FlashSale>();
        var items = new List<FlashSaleItem>();
        while (await reader.ReadAsync(cancellationToken))
        {
            if (sales.LastOrDefault()?.Id != reader.GetGuid(0))
            {
                items = [];
                sales.Add(new FlashSale(
                    reader.GetGuid(0), reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(2),
                    reader.GetFieldValue<DateTimeOffset>(3), items));
            }

            items.Add(new FlashSaleItem(
                reader.GetString(4), new Money(reader.GetInt64(5), new Currency(reader.GetString(6))), reader.GetInt32(7),
                reader.GetInt32(8), reader.GetInt32(9)));
        }

        return sales;
    }
}
