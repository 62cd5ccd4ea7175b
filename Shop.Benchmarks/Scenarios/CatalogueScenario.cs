using Shop.Benchmarks.Load;

namespace Shop.Benchmarks.Scenarios;

/// <summary>What lists, searches and pages cost with many products, half of their SKUs sold out, beside the shipped catalogue.</summary>
internal static class CatalogueScenario
{
    private const int DefaultConnections = 32;
    private const int Products = 100;

    /// <summary>Different questions of a kind, so that what is kept for a moment doesn't answer for the database.</summary>
    private const int Questions = 20_000;

    /// <summary>More than anything costs.</summary>
    private const int AnyPrice = 100_000_000;

    private static readonly int[] Sizes = [10_000, 100_000];
    private static readonly TimeSpan DefaultWindow = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(250);

    /// <summary>Of the made products: 400, each of them in some 3 % of the products.</summary>
    private static readonly string Words = string.Join(
        ',',
        from beginning in "bor dar fen gol har jun kal lem mar nor pel quin ros sol tam ulv ver wil yor zan".Split(' ')
        from ending in "abo ado afo ago ako amo ano apo aro ato ibo ido ifo igo iko imo ino ipo iro ito".Split(' ')
        select beginning + ending);

    public static async Task<bool> RunAsync(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var report = new Report("catalogue", options);
        report.Say("catalogue: starting the shop");
        await using var shop = await ShopTopology.StartAsync(
            new TopologyOptions { ApiReplicas = options.ApiReplicas, Settings = options.Settings }, cancellationToken);
        var load = new MeasuredLoad(shop, options, report);
        var window = options.Window ?? DefaultWindow;
        var connections = options.Connections is [var chosen, ..] ? chosen : DefaultConnections;
        var (windows, all) = (new LoadWindows("requests"), new List<LoadWindow>());
        report.Say("  warming up, each kind of request in its turn");
        foreach (var (_, servers, workload) in await KindsAsync(load, shop, cancellationToken))
            await LoadGenerator.RunAsync(new LoadPlan(servers, connections, DefaultWindow, workload), cancellationToken);

        await MeasureAsync("shipped");
        var there = 0;
        foreach (var size in Sizes)
        {
            report.Say($"  making {Figure.Count(size - there)} products more");
            await GrowAsync(shop, there, size, cancellationToken);
            there = size;
            await MeasureAsync(Figure.Count(size));
        }

        string[] sizes = ["shipped", .. Sizes.Select(size => Figure.Count(size))];
        var table = new TextTable(["", .. sizes.SelectMany(size => new[] { $"{size}: requests/s", "p95 ms" })]);
        foreach (var (kind, _, _) in await KindsAsync(load, shop, cancellationToken))
        {
            table.Add([kind, .. sizes.SelectMany(size => new[]
            {
                Figure.Count(windows.MedianRate(NameOf(size, kind))),
                Figure.Milliseconds(TimeSpan.FromMilliseconds(windows.MedianMilliseconds(NameOf(size, kind), each => each.P95))),
            })]);
        }

        report.Show(
            $"By the number of products besides the shipped ones, at {connections} connections; half of the SKUs are sold out", table);
        report.Show("All of it", windows.RatesAndLatencies());
        report.Show("Processors in use", windows.Processors());
        report.Figures["windows"] = windows.ToJson();
        var good = all.TrueForAll(each => each.Failures == 0);
        report.Conclude(good ? "Every request was answered 200." : "NOT every request was answered 200.");
        good &= await load.AuditAsync(Rest, cancellationToken);
        await report.SaveAsync(cancellationToken);
        return good;

        async Task MeasureAsync(string size)
        {
            foreach (var (kind, servers, workload) in await KindsAsync(load, shop, cancellationToken))
            {
                report.Say($"  {size}: {kind}");
                all.Add(await load.MeasureAsync(new LoadPlan(servers, connections, window, workload), success: 200, cancellationToken));
                windows.Add(NameOf(size, kind), all[^1]);
            }
        }
    }

    private static string NameOf(string size, string kind) => $"{size}: {kind}";

    private static async Task<(string Name, IReadOnlyList<IPEndPoint> Servers, Workload Workload)[]> KindsAsync(
        MeasuredLoad load, ShopTopology shop, CancellationToken cancellationToken)
    {
        var category = await shop.AskAsync<string>(
            "SELECT category FROM catalog.products WHERE published GROUP BY category ORDER BY count(*) DESC, category LIMIT 1",
            cancellationToken);
        var words = await shop.AskAsync<string[]>(
            """
            SELECT array_agg(word) FROM (
                SELECT word FROM ts_stat('SELECT search FROM catalog.products') WHERE word ~ '^[a-z]{4,}$'
                    AND ndoc BETWEEN (SELECT count(*) FROM catalog.products) / 100 AND (SELECT count(*) FROM catalog.products) / 20
                ORDER BY word LIMIT 400) AS found
            """,
            cancellationToken);
        const string List = "/api/v1/products?pageSize=24";
        return
        [
            ("list, the same for all", load.Servers, Workload.Of(RequestTemplate.Get("list", List))),
            ("list", load.Servers, Each(number => $"{List}&maxPrice={AnyPrice + number}")),
            ("list, in stock", load.Servers, Each(number => $"{List}&inStock=true&maxPrice={AnyPrice + number}")),
            ("category by price", load.Servers, Each(number => $"{List}&category={category}&sort=price&maxPrice={AnyPrice + number}")),
            ("search for a word", load.Servers, Each(number =>
                $"{List}&search={words[number % words.Length]}&maxPrice={AnyPrice + number}")),
            ("one product", load.Servers, Workload.Of([.. (await StockedProducts.SlugsAsync(shop, Products, cancellationToken))
                .Select(slug => RequestTemplate.Get("detail", $"/api/v1/products/{slug}"))])),
            ("home page", [shop.Gateway], Workload.Of(RequestTemplate.Get("page", "/"))),
        ];

        static Workload Each(Func<int, string> path) =>
            Workload.Of([.. Enumerable.Range(0, Questions).Select(number => RequestTemplate.Get("list", path(number)))]);
    }

    /// <summary>Two SKUs a product, each of them sold out as often as not, by the rules of the ledger.</summary>
    private static async Task GrowAsync(ShopTopology shop, int from, int to, CancellationToken cancellationToken)
    {
        await RunAsync(
            $$"""
            SELECT setseed(0.5);
            CREATE TEMP TABLE made AS
            SELECT n, gen_random_uuid() AS id, 'made-' || n AS slug,
                words[1 + (random() * 399)::int] || ' ' || words[1 + (random() * 399)::int] AS name,
                -- A series that depends on the row is made anew for each.
                array_to_string(ARRAY(SELECT words[1 + (random() * 399)::int] FROM generate_series(1, 10 + n * 0)), ' ') AS description,
                'made-' || (random() * 199)::int AS brand, 'made-' || (random() * 39)::int AS category,
                500 + (random() * 50000)::bigint AS price, ARRAY['MADE-' || n || '-A', 'MADE-' || n || '-B'] AS skus,
                ARRAY[(random() * 1)::int * 100, (random() * 1)::int * 100] AS pieces
            FROM generate_series({{from}} + 1, {{to}}) AS n, (SELECT string_to_array('{{Words}}', ',') AS words) AS vocabulary;
            INSERT INTO catalog.brands (slug, name) SELECT DISTINCT brand, 'Brand ' || brand FROM made ON CONFLICT DO NOTHING;
            INSERT INTO catalog.categories (slug, name, image_url, position)
            SELECT DISTINCT category, 'Category ' || category, '/images/placeholder.svg', 100 FROM made ON CONFLICT DO NOTHING;
            INSERT INTO catalog.products (id, slug, name, description, brand, category, tags, image_url, images, options, published,
                price_minor, currency, skus, import_hash, created_at, updated_at, search, in_stock)
            SELECT id, slug, name, description, brand, category, ARRAY['made'], '/images/placeholder.svg', '[]',
                '[{"name": "Size", "values": ["A", "B"]}]', true, price, (SELECT min(currency) FROM catalog.products), skus, '',
                now() - n * interval '1 second', now(),
                setweight(to_tsvector('english', name), 'A') || setweight(to_tsvector('english', description), 'C'), 0 < ANY (pieces)
            FROM made;
            INSERT INTO catalog.variants (sku, product_id, position, name, options, price_minor, currency)
            SELECT each.sku, product.id, place, right(each.sku, 1), ARRAY[right(each.sku, 1)], price_minor, currency
            FROM made JOIN catalog.products AS product ON product.id = made.id, unnest(product.skus) WITH ORDINALITY AS each (sku, place);
            INSERT INTO inventory.stock (sku, on_hand) SELECT sku, on_hand FROM made, unnest(skus, pieces) AS each (sku, on_hand);
            INSERT INTO inventory.movements (sku, quantity, cause, at)
            SELECT sku, on_hand, 'import', now() FROM made, unnest(skus, pieces) AS each (sku, on_hand);
            DROP TABLE made
            """);
        // As the server does by itself some minutes after so many new rows; until then nothing is read from an index alone.
        foreach (var table in (string[])["catalog.products", "catalog.variants", "inventory.stock"])
            await RunAsync($"VACUUM (ANALYZE) {table}");
        // The worker looks at each SKU that came sold out.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Rest);
        while (await shop.AskAsync<bool>("SELECT EXISTS (SELECT FROM inventory.crossings)", limit.Token))
            await Task.Delay(LookAgain, limit.Token);

        async Task RunAsync(string sql)
        {
            await using var command = shop.Database.CreateCommand(sql);
            command.CommandTimeout = (int)Rest.TotalSeconds;
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
