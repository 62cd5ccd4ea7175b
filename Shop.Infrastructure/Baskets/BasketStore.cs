using Shop.Domain.Baskets;
using StackExchange.Redis;

namespace Shop.Infrastructure.Baskets;

/// <summary>Baskets in Redis: one hash each, from SKU to pieces, forgotten when nobody has touched it for a month.</summary>
public sealed class BasketStore(IConnectionMultiplexer redis)
{
    private static readonly TimeSpan TimeToLive = TimeSpan.FromDays(30);

    /// <summary>A basket nobody has put anything in is an empty one.</summary>
    public async Task<Basket> GetAsync(Guid id)
    {
        var entries = await redis.GetDatabase().HashGetAllAsync(Key(id));
        return new Basket(id, entries.Select(entry => KeyValuePair.Create((string)entry.Name!, (int)entry.Value)));
    }

    public async Task SetAsync(Guid id, string sku, int quantity)
    {
        // One transaction, so that no basket is left without its time to live.
        var transaction = redis.GetDatabase().CreateTransaction();
        var set = transaction.HashSetAsync(Key(id), sku, quantity);
        var expire = transaction.KeyExpireAsync(Key(id), TimeToLive);
        await transaction.ExecuteAsync();
        await Task.WhenAll(set, expire);
    }

    public Task RemoveAsync(Guid id, string sku) => redis.GetDatabase().HashDeleteAsync(Key(id), sku);

    public Task ClearAsync(Guid id) => redis.GetDatabase().KeyDeleteAsync(Key(id));

    private static RedisKey Key(Guid id) => $"basket:{id:N}";
}
