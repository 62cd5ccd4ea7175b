using Shop.Benchmarks.Load;

namespace Shop.Benchmarks.Scenarios;

/// <summary>What lists, searches and pages cost with many products of which half the SKUs are sold out, beside the shipped catalogue.</summary>
internal static class CatalogueScenario
{
    private const int Connections = 32;

    /// <summary>Different questions of a kind, so that what is kept for a moment doesn't answer for the database.</summary>
    private const int Questions = 500;

    private static readonly int[] Sizes = [10_000, 100_000];
    private static readonly TimeSpan DefaultWindow = TimeSpan.FromSeconds(5);

    private static readonly string[] Words =
    [
        "amber", "birch", "cedar", "dune", "ember", "fjord", "glacier", "harbor", "island", "juniper", "kettle", "lantern", "meadow", "north",
        "ocean", "pine", "quartz", "ridge", "summit", "trail", "upland", "valley", "willow", "yonder", "zenith", "anchor", "beacon", "canyon",
    ];

    public static async Task<bool> RunAsync(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var report = new Report("catalogue", options);
        report.Say("catalogue: starting the shop");
        await using var shop = await ShopTopology.StartAsync(new TopologyOptions { Settings = options.Settings }, cancellationToken);
        var load = new MeasuredLoad(shop, options, report);
        await load.WarmUpAsync(Workload.Of(RequestTemplate.Get("list", "/api/v1/products?pageSize=24")), cancellationToken);
        var table = new TextTable("products", "what is asked for", "requests/s", "p50 ms", "p95 ms", "max ms", "not 200");
        var window = options.Window ?? DefaultWindow;
        await MeasureAsync(load, shop, "shipped", "", "products", window, table, cancellationToken);
        var there = 0;
        foreach (var size in Sizes)
        {
            report.Say($"  {size - there:N0} more products");
            await GrowAsync(shop, there, size, cancellationToken);
            there = size;
            await MeasureAsync(load, shop, $"{size:N0}", "made-3", "products", window, table, cancellationToken);
        }

        report.Show($"At {Connections} connections, every question another one; half of all SKUs are sold out", table);
        await report.SaveAsync(cancellationToken);
        return true;
    }

    private static async Task MeasureAsync(
        MeasuredLoad load, ShopTopology shop, string name, string category, string what, TimeSpan window, TextTable table, CancellationToken cancellationToken)
    {
        var slugs = await Shelf.SlugsAsync(shop, 100, cancellationToken);
        var shelf = category.Length > 0 ? category : await shop.AskAsync<string>("SELECT min(category) FROM catalog.products", cancellationToken);
        (string Name, IReadOnlyList<IPEndPoint> Servers, RequestTemplate[] Requests)[] kinds =
        [
            ("list", load.Servers, Each(number => $"/api/v1/{what}?pageSize=24&minPrice={number}")),
            ("list, in stock", load.Servers, Each(number => $"/api/v1/{what}?pageSize=24&inStock=true&minPrice={number}")),
            ("category by price", load.Servers, Each(number => $"/api/v1/{what}?pageSize=24&category={shelf}&sort=price&minPrice={number}")),
            ("search", load.Servers, Each(number => $"/api/v1/{what}?pageSize=24&search={Words[number % Words.Length]}&minPrice={number}")),
            ("one product", load.Servers, [.. slugs.Select(slug => RequestTemplate.Get("get", $"/api/v1/products/{slug}"))]),
            ("home page", [shop.Gateway], [RequestTemplate.Get("get", "/")]),
        ];
        foreach (var (kind, servers, requests) in kinds)
        {
            var plan = new LoadPlan(servers, Connections, window, Workload.Of(requests));
            var measured = await load.MeasureAsync(plan, success: 200, cancellationToken);
            var latencies = measured.Load.Latencies(200);
            table.Add(
                name, kind, Figure.Count(measured.Rate), Figure.Milliseconds(latencies.Percentile(0.5)), Figure.Milliseconds(measured.P95),
                Figure.Milliseconds(latencies.Max), Figure.Count(measured.Load.Answers - measured.Load.Count(200)));
        }

        static RequestTemplate[] Each(Func<int, string> path) => [.. Enumerable.Range(0, Questions).Select(number => RequestTemplate.Get("get", path(number)))];
    }

    /// <summary>Two SKUs a product: of one product in two both are sold out.</summary>
    private static async Task GrowAsync(ShopTopology shop, int from, int to, CancellationToken cancellationToken)
    {
        await using var grow = shop.Database.CreateCommand($"""
            CREATE TEMP TABLE made AS
            SELECT n, gen_random_uuid() AS id, 'made-' || n AS slug, words[1 + n % 28] || ' ' || words[1 + n / 28 % 28] || ' ' || n AS name,
                'A ' || words[1 + n * 7 % 28] || ' for the ' || words[1 + n * 11 % 28] || ' and the ' || words[1 + n * 13 % 28] AS description,
                'made-' || n % 200 AS brand, 'made-' || n % 40 AS category, 500 + n * 37 % 50000 AS price, n % 2 AS sold_out
            FROM generate_series({from} + 1, {to}) AS n, (SELECT ARRAY['{string.Join("','", Words)}'] AS words) AS vocabulary;
            INSERT INTO catalog.brands SELECT DISTINCT brand, 'Made ' || brand FROM made ON CONFLICT DO NOTHING;
            INSERT INTO catalog.categories SELECT DISTINCT category, 'Made ' || category, NULL, '/images/placeholder.svg', 100 FROM made ON CONFLICT DO NOTHING;
            INSERT INTO catalog.products (id, slug, name, description, brand, category, tags, image_url, images, options, published, price_minor,
                currency, skus, import_hash, created_at, updated_at, search, in_stock)
            SELECT id, slug, name, description, brand, category, ARRAY['made'], '/images/placeholder.svg', '[]', '[]', true, price,
                (SELECT min(currency) FROM catalog.products), ARRAY['MADE-' || n || '-A', 'MADE-' || n || '-B'], '', now() - n * interval '1 second', now(),
                setweight(to_tsvector('english', name), 'A') || setweight(to_tsvector('english', description), 'C'), sold_out = 0
            FROM made;
            INSERT INTO catalog.variants (sku, product_id, position, name, options, price_minor, currency)
            SELECT sku, id, place, '', ARRAY[]::text[], price_minor, currency
            FROM catalog.products JOIN made USING (id, slug), unnest(skus) WITH ORDINALITY AS each (sku, place);
            INSERT INTO inventory.stock (sku, on_hand)
            SELECT sku, CASE sold_out WHEN 1 THEN 0 ELSE 100 END FROM made, LATERAL (VALUES ('MADE-' || n || '-A'), ('MADE-' || n || '-B')) AS each (sku);
            DROP TABLE made;
            ANALYZE catalog.products; ANALYZE catalog.variants; ANALYZE inventory.stock;
            """);
        grow.CommandTimeout = 600;
        await grow.ExecuteNonQueryAsync(cancellationToken);
    }
}
