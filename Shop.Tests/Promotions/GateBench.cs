using Microsoft.Extensions.Logging.Abstractions;
using Shop.Domain;
using Shop.Domain.Promotions;
using Shop.Infrastructure.Ordering;
using Shop.Infrastructure.Promotions;
using StackExchange.Redis;

namespace Shop.Tests.Promotions;

/// <summary>A gate over Redis and a database of orders, and a sale that only it knows.</summary>
internal sealed class GateBench : IAsyncDisposable
{
    public const string Sku = "GATE-LANTERN";
    public const string OtherSku = "GATE-TENT";

    private readonly AcceptedKeyLog _log;
    private readonly NpgsqlDataSource _orders;
    private IReadOnlyList<ActiveItem> _items = [];

    private GateBench(ConnectionMultiplexer redis, GateTimings times, NpgsqlDataSource orders)
    {
        _orders = orders;
        Redis = redis;
        var link = new RedisGate(redis, times, TimeProvider.System, NullLogger<RedisGate>.Instance);
        Sales = new ActiveSales(TimeProvider.System);
        Levels = new StockLevelCache(link, times, NullLogger<StockLevelCache>.Instance);
        Gate = new StockGate(link, Sales, TimeProvider.System);
        _log = new AcceptedKeyLog(link, Levels, times, new AcceptedKeys(orders), NullLogger<AcceptedKeyLog>.Instance);
    }

    public ConnectionMultiplexer Redis { get; }

    public ActiveSales Sales { get; }

    public StockLevelCache Levels { get; }

    public StockGate Gate { get; }

    public Guid SaleId { get; private set; }

    public string LogKey => $"sale:{SaleId:N}:keys";

    /// <param name="servers">Whose Redis is used.</param>
    /// <param name="orders">Leads to the database of accepted orders; one that isn't there unless told.</param>
    /// <param name="flight">How long a log waits until it is complete; none unless told.</param>
    /// <param name="life">How long a level lives; a minute unless told.</param>
    public static async Task<GateBench> OpenAsync(
        RunningServers servers, string? orders = null, TimeSpan? flight = null, TimeSpan? life = null) =>
        Create(await servers.ConnectRedisAsync(allowAdmin: true), orders ?? await servers.CreateShopDatabaseAsync(), flight, life);

    /// <summary>A gate whose Redis isn't there.</summary>
    public static async Task<GateBench> WithoutRedisAsync() =>
        Create(await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
        {
            EndPoints = { { "127.0.0.1", 1 } },
            AbortOnConnectFail = false,
            BacklogPolicy = BacklogPolicy.FailFast,
            ConnectTimeout = 500,
        }), "Host=127.0.0.1;Port=1");

    /// <summary>A new sale of both SKUs becomes the one the gate knows.</summary>
    /// <param name="startsIn">From now; negative for one that runs.</param>
    /// <param name="age">How old the gate's knowledge is.</param>
    /// <param name="skus">What the sale sells; both of this bench unless told.</param>
    public void Know(TimeSpan? startsIn = null, TimeSpan age = default, params string[] skus)
    {
        SaleId = Guid.CreateVersion7();
        var startsAt = TimeProvider.System.GetUtcNow() + (startsIn ?? TimeSpan.FromMinutes(-1));
        _items = [.. (skus.Length > 0 ? skus : [Sku, OtherSku]).Select(sku => new ActiveItem(
            SaleId, startsAt, startsAt.AddHours(1), new FlashSaleItem(sku, new Money(100, Currency.Eur), 1000, 10)))];
        Refresh(age);
    }

    /// <summary>The knowledge becomes as new, which it ceases to be within two seconds.</summary>
    public void Refresh(TimeSpan age = default) =>
        Sales.Update(_items, TimeProvider.System.GetTimestamp() - (long)(age.TotalSeconds * TimeProvider.System.TimestampFrequency));

    /// <summary>What the shop does every second for each sale.</summary>
    public Task RebuildAsync() => _log.RebuildAsync(_items, TestContext.Current.CancellationToken);

    public ValueTask PublishAsync(long version, int left, string sku = Sku) =>
        Levels.PublishAsync([new GateLevel(SaleId, sku, version, left)], []);

    public ValueTask InvalidateAsync(long version, int left, string sku = Sku) =>
        Levels.InvalidateAsync([new GateLevel(SaleId, sku, version, left)]);

    /// <summary>The SKUs that are refused to an order.</summary>
    public async Task<IReadOnlyList<string>> AskAsync(int quantity = 1, Guid? key = null, string sku = Sku)
    {
        Refresh();
        return await Gate.RefusedAsync(
            new Dictionary<string, int> { [sku] = quantity }, key ?? Guid.NewGuid(), TestContext.Current.CancellationToken);
    }

    /// <summary>Redis loses all it knows of the sale.</summary>
    public Task LoseAsync(string sku) => Redis.GetDatabase().KeyDeleteAsync([LogKey, $"sale:{SaleId:N}:level:{sku}"]);

    public async ValueTask DisposeAsync()
    {
        await Redis.DisposeAsync();
        await _orders.DisposeAsync();
    }

    private static GateBench Create(ConnectionMultiplexer redis, string orders, TimeSpan? flight = null, TimeSpan? life = null) =>
        new(redis, new GateTimings(life ?? TimeSpan.FromMinutes(1), flight ?? TimeSpan.Zero), NpgsqlDataSource.Create(orders));
}
