using System.Diagnostics.CodeAnalysis;
using Shop.Contracts;
using Shop.Contracts.Catalog;

namespace Shop.Tests.Distributed;

/// <summary>
/// The whole shop as its AppHost describes it, with two replicas of the API: real servers, real processes, fresh data.
/// Started once for all tests of <see cref="RunningShopCollection"/>.
/// </summary>
[SuppressMessage("Performance", "CA1812", Justification = "xUnit makes it.")]
public sealed class RunningShop : IAsyncLifetime
{
    /// <summary>Far beyond what a start takes with everything installed: the first run may have to install the servers.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(8);

    /// <summary>What signs the simulated payment provider's events here.</summary>
    public const string PaymentEventSecret = "whsec_of_the_running_shop";

    /// <summary>Lets in to <c>/api/v1/admin</c>.</summary>
    public const string AdminKey = "lets-the-tests-in-to-the-administration";

    /// <summary>Of which there are 40, for the one test that sells them all.</summary>
    public const string RareSku = "LANTERN-MIDNIGHT";

    /// <summary>So many pieces has every untouched product at least.</summary>
    private const int Enough = 60;

    private readonly DirectoryInfo _mail = Directory.CreateTempSubdirectory("shop-tests-mail-");
    private readonly List<ProductSummary> _untouched = [];
    private DistributedApplication? _app;
    private NpgsqlDataSource? _database;

    public DistributedApplication App => _app ?? throw new InvalidOperationException("The shop has not been started.");

    /// <summary>What the shop has stored, asked past all its code.</summary>
    public NpgsqlDataSource Database => _database ?? throw new InvalidOperationException("The shop has not been started.");

    public async ValueTask InitializeAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(StartLimit);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Shop_AppHost>(
            ["--Replicas:apiservice=2", $"--Mail={_mail.FullName}", $"--Parameters:admin-key={AdminKey}",
                $"--Payments:Simulated:WebhookSecret={PaymentEventSecret}", "--RateLimiting:Enabled=false",
                "--Logging:LogLevel:Default=None"],
            (options, _) => options.DisableDashboard = false,
            limit.Token);
        // However much the tests order at once, each of them finds its trace.
        foreach (var service in builder.Resources.OfType<ProjectResource>())
            builder.CreateResourceBuilder(service).WithEnvironment("Telemetry__Traces__PerSecond", "1000");
        _app = await builder.BuildAsync(limit.Token);
        await _app.StartAsync(limit.Token);
        foreach (var resource in new[] { "apiservice", "worker", "webfrontend" })
            await _app.ResourceNotifications.WaitForResourceHealthyAsync(resource, limit.Token);
        _database = NpgsqlDataSource.Create((await _app.GetConnectionStringAsync("shopdb", limit.Token))!);

        await BringGoodsAsync(limit.Token);
        using var http = Client("apiservice");
        for (var (cursor, more) = ("", true); more;)
        {
            var page = await JsonSerializer.DeserializeAsync(
                await http.GetStreamAsync($"/api/v1/products?sort=name&pageSize=100&cursor={cursor}", limit.Token),
                ShopJson.Default.ProductPage, limit.Token);
            _untouched.AddRange(page!.Items.Where(product => product is { VariantCount: 1, Available: >= Enough, Sku: not RareSku }));
            (cursor, more) = (page.NextCursor, page.NextCursor is not null);
        }
    }

    /// <summary>A client of a resource's stable endpoint; <c>webfrontend</c> is the way customers come.</summary>
    public HttpClient Client(string resource = "webfrontend") => App.CreateHttpClient(resource, "http");

    /// <summary>A client that is let in to <c>/api/v1/admin</c>.</summary>
    public HttpClient AdminClient()
    {
        var http = Client();
        http.DefaultRequestHeaders.Authorization = new("Bearer", AdminKey);
        return http;
    }

    /// <summary>
    /// A product with one variant and <see cref="Enough"/> pieces or more, that no other test has anything to do with. Those that one
    /// order can buy up are kept for who asks for them, so that every test finds its product in whatever order they run.
    /// </summary>
    /// <param name="few">It has no more pieces than one line of an order can have.</param>
    public ProductSummary UntouchedProduct(bool few = false)
    {
        var product = _untouched.Where(candidate => !few || IsFew(candidate)).OrderBy(candidate => IsFew(candidate) != few)
                .ThenBy(candidate => candidate.Available).FirstOrDefault()
            ?? throw new InvalidOperationException($"All products{(few ? " with few pieces" : "")} are taken: bring more goods.");
        _untouched.Remove(product);
        return product;

        static bool IsFew(ProductSummary product) => product.Available <= Domain.Baskets.Basket.MaxQuantity;
    }

    /// <summary>How many e-mails to this address have gone out.</summary>
    public async Task<int> MailsToAsync(string address)
    {
        var count = 0;
        foreach (var file in _mail.EnumerateFiles("*.eml"))
        {
            if ((await File.ReadAllTextAsync(file.FullName, TestContext.Current.CancellationToken)).Contains(
                address, StringComparison.OrdinalIgnoreCase))
                count++;
        }

        return count;
    }

    /// <summary>The single value of a query.</summary>
    public async Task<T> AskAsync<T>(string sql, params object[] values)
    {
        await using var command = Database.CreateCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        return (T)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    /// <summary>
    /// Fills the shelves of what is nearly sold out, with an entry in the books: the tests are many, and each takes a product.
    /// </summary>
    private async Task BringGoodsAsync(CancellationToken cancellationToken)
    {
        await using var command = Database.CreateCommand(
            """
            WITH brought AS (
                UPDATE inventory.stock SET on_hand = on_hand + $1, version = version + 1
                WHERE on_hand - reserved BETWEEN 1 AND $1 - 1 AND sku <> $2
                RETURNING sku)
            INSERT INTO inventory.movements (sku, quantity, cause, at) SELECT sku, $1, 'correction', now() FROM brought
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = Enough });
        command.Parameters.Add(new NpgsqlParameter { Value = RareSku });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
            await _database.DisposeAsync();
        if (_app is not null)
            await _app.DisposeAsync();
        _mail.Delete(recursive: true);
    }
}
