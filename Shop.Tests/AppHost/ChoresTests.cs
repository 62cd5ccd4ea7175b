#pragma warning disable ASPIREINTERACTION001 // Commands that ask for arguments are new in Aspire.
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Shop.Contracts;
using Shop.Tests.LocalServers;

namespace Shop.Tests.AppHost;

/// <summary>The commands of the dashboard, given by the same way as the dashboard gives them, to a shop of their own.</summary>
[Trait("Category", "Distributed")]
public sealed class ChoresTests(ChoresTests.OwnShop shop) : IClassFixture<ChoresTests.OwnShop>
{
    private const string AdminKey = "the-key-of-the-shop-for-chores-32";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_killed_replica_and_a_killed_database_come_back_by_themselves()
    {
        using var shopper = shop.Shopper();
        await KillAsync("apiservice");
        await KillAsync("postgres");

        var sku = await shop.SkuAsync();
        var order = await Eventually.SeesAsync(
            SmallApp.Patience,
            async () =>
            {
                using var answer = await shopper.PlaceAsync(Distributed.Shopper.Order(sku));
                return answer.StatusCode;
            },
            status => status == HttpStatusCode.Accepted,
            "orders are taken again");
        Assert.Equal(HttpStatusCode.Accepted, order);
        await shop.IsWholeAsync();

        async Task KillAsync(string resource)
        {
            var before = await shop.App.UntilAsync(resource, change => SmallApp.ProcessOf(change) != 0);
            await shop.App.CommandAsync(before.ResourceId, "kill");
            var process = await shop.App.RunsAnewAsync(resource, SmallApp.ProcessOf(before));
            await shop.App.UntilAsync(
                resource, now => now.Snapshot.HealthStatus == HealthStatus.Healthy && SmallApp.ProcessOf(now) == process);
            await shop.IsWholeAsync();
        }
    }

    [Fact]
    public async Task The_audit_the_dead_letters_and_the_outbox_are_told()
    {
        await shop.IsWholeAsync();
        Assert.Contains("Nothing found.", await SaidAsync("migrations", "audit"), StringComparison.Ordinal);
        Assert.Contains("No dead letters.", await SaidAsync("worker", "dead-letters"), StringComparison.Ordinal);
        Assert.Contains("0 dead letters are on their way", await SaidAsync("worker", "resend-dead-letters"), StringComparison.Ordinal);
        Assert.Contains("None is parked.", await SaidAsync("worker", "outbox"), StringComparison.Ordinal);
        Assert.Equal(AdminKey, (await shop.App.CommandAsync("apiservice", "admin-key")).Data?.Value);
    }

    [Fact]
    public async Task A_catalogue_is_loaded_from_a_file_that_must_be_there()
    {
        await shop.IsWholeAsync();
        var missing = await LoadAsync("/no/such/products.csv");
        Assert.False(missing.Success);

        var file = Path.Combine(Path.GetTempPath(), $"shop-tests-{Guid.NewGuid():N}.csv");
        await File.WriteAllTextAsync(
            file, "Handle,Title,Published,Variant SKU,Variant Inventory Qty,Variant Price\nnew-kettle,New Kettle,true,KETTLE-NEW,5,19.90\n",
            Cancellation);
        try
        {
            var loaded = await LoadAsync(file);
            Assert.True(loaded.Success, $"{loaded.Message} {loaded.Data?.Value}");
        }
        finally
        {
            File.Delete(file);
        }

        Assert.Equal(1L, await shop.CountAsync("SELECT count(*) FROM catalog.products WHERE slug = 'new-kettle'"));
    }

    [Fact]
    public async Task A_reset_leaves_no_order_and_the_catalogue_as_shipped()
    {
        await shop.IsWholeAsync();
        using var shopper = shop.Shopper();
        var order = await shopper.BuyAsync(Distributed.Shopper.Order(await shop.SkuAsync()));
        Assert.True(await shop.CountAsync("SELECT count(*) FROM ordering.orders") > 0);
        var products = await shop.CountAsync("SELECT count(*) FROM catalog.products WHERE slug <> 'new-kettle'");

        await shop.App.CommandAsync("migrations", "reset");

        await shop.IsWholeAsync();
        Assert.Equal(0L, await shop.CountAsync("SELECT count(*) FROM ordering.orders"));
        Assert.Equal(products, await shop.CountAsync("SELECT count(*) FROM catalog.products"));
        using (var gone = await shopper.AskForAsync(order.OrderId, order.OrderToken))
            Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        Assert.Equal(
            "confirmed", (await shopper.SettledAsync(await shopper.BuyAsync(Distributed.Shopper.Order(await shop.SkuAsync())))).Status);
    }

    private Task<ExecuteCommandResult> LoadAsync(string file) => shop.App.ResourceCommands.ExecuteCommandAsync(
        "migrations",
        "load-catalogue",
        new InteractionInputCollection([new InteractionInput { Name = "file", InputType = InputType.Text, Value = file }]),
        Cancellation);

    private async Task<string> SaidAsync(string resource, string command)
    {
        var done = await shop.App.CommandAsync(resource, command);
        return $"{done.Message} {done.Data?.Value}";
    }

    /// <summary>A shop of which nothing is shared: it is killed and emptied.</summary>
    [SuppressMessage("Performance", "CA1812", Justification = "xUnit makes it.")]
    public sealed class OwnShop : IAsyncLifetime
    {
        private static readonly string[] Services = ["apiservice", "worker", "webfrontend"];

        private readonly DirectoryInfo _mail = Directory.CreateTempSubdirectory("shop-tests-mail-");
        private DistributedApplication? _app;

        public DistributedApplication App => _app ?? throw new InvalidOperationException("The shop has not been started.");

        public async ValueTask InitializeAsync()
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            limit.CancelAfter(SmallApp.StartLimit);
            var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Shop_AppHost>(
                ["--SHOP_SERVERS=local", $"--Mail={_mail.FullName}", $"--Parameters:admin-key={AdminKey}",
                "--Logging:LogLevel:Default=Error"], limit.Token);
            _app = await builder.BuildAsync(limit.Token);
            await _app.StartAsync(limit.Token);
            await IsWholeAsync();
        }

        public async ValueTask DisposeAsync()
        {
            if (_app is not null)
                await _app.DisposeAsync();
            _mail.Delete(recursive: true);
        }

        internal Shopper Shopper() => new(App.CreateHttpClient("webfrontend", "http"));

        internal async Task<string> SkuAsync()
        {
            using var shopper = Shopper();
            var page = await shopper.GetAsync("/api/v1/products?pageSize=50", ShopJson.Default.ProductPage);
            return page.Items.First(product => product is { VariantCount: 1, Available: > 1 }).Sku;
        }

        /// <summary>Waits until all is healthy, by its own word and by what a customer finds: the word may be an old one.</summary>
        internal async Task IsWholeAsync()
        {
            foreach (var service in Services)
                await App.ResourceNotifications.WaitForResourceHealthyAsync(service, Cancellation)
                    .WaitAsync(SmallApp.StartLimit, Cancellation);
            using var shopper = Shopper();
            await Eventually.SeesAsync(
                SmallApp.Patience,
                async () =>
                {
                    using var found = await shopper.GetAsync($"/api/v1/products?search={Guid.NewGuid():N}");
                    return found.StatusCode;
                },
                status => status == HttpStatusCode.OK,
                "products can be looked for");
        }

        internal async Task<long> CountAsync(string sql)
        {
            await using var database = await ThreeServers.OpenDatabaseAsync(App);
            await using var count = new NpgsqlCommand(sql, database);
            return (long)(await count.ExecuteScalarAsync(Cancellation))!;
        }
    }
}
