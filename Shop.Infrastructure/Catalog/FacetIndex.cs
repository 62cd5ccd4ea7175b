using System.Data;
using Shop.Infrastructure.Promotions;

namespace Shop.Infrastructure.Catalog;

/// <summary>
/// What lists count, of all products that are for sale, kept in this process: so what a count costs the database doesn't grow with
/// the catalogue and its visitors. It is read anew when somebody asks and it is old: <see cref="Patience"/> times as old as reading
/// takes, a second at least, so that reading never takes more than a small part of a processor (2 % of one).
/// </summary>
public sealed class FacetIndex(NpgsqlDataSource database, ActiveSales sales, TimeProvider time)
{
    private const int Patience = 50;

    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(1);

    /// <summary>Nobody is told what is older, whatever reading takes.</summary>
    private static readonly TimeSpan StaleAfter = TimeSpan.FromMinutes(2);

    private readonly Lock _lock = new();
    private volatile Snapshot? _latest;
    private Task<Snapshot>? _reading;

    /// <exception cref="NpgsqlException">There is nothing to go by but the database, and it doesn't answer.</exception>
    internal async ValueTask<CountedProducts> ProductsAsync(CancellationToken cancellationToken)
    {
        var latest = _latest;
        if (latest is not null && time.GetElapsedTime(latest.At) < latest.FreshFor)
            return latest.Products;
        // Whoever asks doesn't wait for the next one while this one will do; a reading that fails is tried again by the next who asks.
        var reading = ReadOnceAsync();
        return latest is not null && time.GetElapsedTime(latest.At) < StaleAfter
            ? latest.Products
            : (await reading.WaitAsync(cancellationToken)).Products;
    }

    /// <summary>What is counted of the products that a query found, by <see cref="Columns"/>.</summary>
    internal static async Task<CountedProducts> ReadAsync(
        NpgsqlDataReader reader, CountedProducts names, CancellationToken cancellationToken)
    {
        var found = names.Empty();
        while (await reader.ReadAsync(cancellationToken))
            found.Add(reader.GetString(0), reader.GetString(1), reader.GetInt64(2), reader.GetBoolean(3));
        return found;
    }

    /// <summary>Of <c>catalog.products p</c>: what is counted.</summary>
    /// <param name="soldOut">SKUs of running sales that are sold out.</param>
    /// <param name="parameter">Where they are given, such as <c>$1</c>.</param>
    internal static string Columns(string[] soldOut, string parameter) =>
        $"p.category, p.brand, p.price_minor, {IsInStock(soldOut, parameter)}";

    /// <inheritdoc cref="Columns"/>
    internal static string IsInStock(string[] soldOut, string parameter) =>
        soldOut.Length == 0 ? "p.in_stock" : $"(p.in_stock AND NOT p.skus <@ {parameter}::text[])";

    private Task<Snapshot> ReadOnceAsync()
    {
        lock (_lock)
            return _reading is { IsCompleted: false } ? _reading : _reading = Task.Run(ReadAllAsync);
    }

    private async Task<Snapshot> ReadAllAsync()
    {
        var start = time.GetTimestamp();
        string[] soldOut = [.. sales.SoldOut()];
        await using var connection = await database.OpenConnectionAsync();
        // All three see the same.
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead);
        await using var batch = connection.CreateBatch();
        batch.Add("SELECT slug, name, parent FROM catalog.categories ORDER BY position, name");
        batch.Add("SELECT slug, name, NULL FROM catalog.brands ORDER BY name");
        batch.Add("SELECT currency FROM catalog.products WHERE published LIMIT 1");
        batch.Add($"SELECT {Columns(soldOut, "$1")} FROM catalog.products p WHERE p.published", soldOut);
        await using var reader = await batch.ExecuteReaderAsync();
        var categories = await ReadValuesAsync(reader);
        var brands = await ReadValuesAsync(reader);
        var currency = await reader.ReadAsync() ? reader.GetString(0) : "";
        await reader.NextResultAsync();
        var products = await ReadAsync(reader, new CountedProducts(categories, brands, currency), CancellationToken.None);
        var freshFor = Patience * time.GetElapsedTime(start);
        return _latest = new Snapshot(products, start, freshFor > FreshFor ? freshFor : FreshFor);
    }

    private static async Task<List<CountedProducts.Value>> ReadValuesAsync(NpgsqlDataReader reader)
    {
        var values = new List<CountedProducts.Value>();
        while (await reader.ReadAsync())
            values.Add(new(reader.GetString(0), reader.GetString(1), await reader.IsDBNullAsync(2) ? null : reader.GetString(2)));
        await reader.NextResultAsync();
        return values;
    }

    private sealed record Snapshot(CountedProducts Products, long At, TimeSpan FreshFor);
}
