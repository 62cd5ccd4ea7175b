using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Shop.Domain.Ordering;
using Shop.Infrastructure.Inventory;
using Shop.Infrastructure.Ordering;
using Shop.Tests.Audit;
using Shop.Worker.Telemetry;

namespace Shop.Tests.Telemetry;

/// <summary>
/// Intake, transitions and payments of a seeded shop within the tests' own process, where its meters can be heard. Nobody relays its
/// events.
/// </summary>
internal sealed class MeasuredShop : IAsyncDisposable
{
    /// <summary>For sale in the seeded shop, with a piece in stock.</summary>
    public const string RareSku = "RARE";

    /// <summary>For sale in the seeded shop, with plenty in stock, and in a running flash sale with one for each customer.</summary>
    public const string LimitedSku = "LAMP";

    private const string Catalogue = """
        INSERT INTO catalog.brands VALUES ('acme', 'Acme');
        INSERT INTO catalog.categories VALUES ('all', 'All', NULL, '/all.webp', 1);
        INSERT INTO catalog.products (id, slug, name, description, brand, category, tags, image_url, images, options, published,
            price_minor, currency, skus, import_hash, created_at, updated_at, search)
        VALUES (gen_random_uuid(), 'thing', 'Thing', '', 'acme', 'all', '{}', '/thing.webp', '[]', '[]', true, 100, 'EUR', '{}', '', now(),
            now(), '');
        INSERT INTO inventory.stock (sku, on_hand) VALUES ('RARE', 1);
        INSERT INTO catalog.variants (sku, product_id, position, name, options, price_minor, currency)
        SELECT sku, (SELECT id FROM catalog.products), row_number() OVER (), '', '{}', 100, 'EUR' FROM inventory.stock;
        """;

    private readonly IHost _host;

    private MeasuredShop(IHost host, SeededShop database) => (_host, Database) = (host, database);

    public SeededShop Database { get; }

    public OrderIntake Intake => _host.Services.GetRequiredService<OrderIntake>();

    public OrderTransitions Transitions => _host.Services.GetRequiredService<OrderTransitions>();

    public PaymentStore Store => _host.Services.GetRequiredService<PaymentStore>();

    public DatabaseGauges DatabaseGauges => _host.Services.GetRequiredService<DatabaseGauges>();

    /// <param name="seeded">Is copied.</param>
    /// <param name="settings">Configuration.</param>
    public static async Task<MeasuredShop> OpenAsync(SeededShop seeded, params (string Key, string Value)[] settings)
    {
        var database = await seeded.CopyAsync();
        await database.RunAsync(Catalogue);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:shopdb"] = database.ConnectionString,
            // Nobody listens there: orders go on without the gate.
            ["ConnectionStrings:cache"] = "127.0.0.1:1",
            ["Ordering:OrderTokenKey"] = new string('k', 32),
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.AddShopDatabase();
        builder.AddInventory();
        builder.AddMessagingAdministration();
        builder.AddOrderIntake();
        builder.AddOrderTransitions();
        builder.AddPayments();
        builder.Services.AddSingleton<DatabaseGauges>();
        return new MeasuredShop(builder.Build(), database);
    }

    public Task<IntakeResult> PlaceAsync(string sku, int quantity = 1, Guid? key = null, byte hash = 0, string email = "ada@example.com") =>
        Intake.PlaceAsync(
        new OrderRequest(
            key ?? Guid.NewGuid(), [hash], email, new ShippingAddress("Ada", "Way 1", null, "Bern", "3000", "CH"), "card", "tok_visa",
            new Dictionary<string, int> { [sku] = quantity }),
        TestContext.Current.CancellationToken);

    /// <summary>Some order in this status.</summary>
    public async Task<Guid> AnOrderAsync(OrderStatus status)
    {
        await using var connection = await Database.OpenAsync();
        await using var query = connection.Sql(
            "SELECT id FROM ordering.orders WHERE status = $1 ORDER BY number LIMIT 1", status.ToString());
        return (Guid)(await query.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    public async ValueTask DisposeAsync()
    {
        await ((IAsyncDisposable)_host).DisposeAsync();
        await Database.DropAsync();
    }
}
