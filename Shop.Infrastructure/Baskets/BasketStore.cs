using Shop.Domain.Baskets;
using StackExchange.Redis;

namespace Shop.Infrastructure.Baskets;

/// <summary>
/// Baskets in Redis: one hash each, from SKU to pieces, forgotten when nobody has touched it for a month. Beside them, under a name
/// that no SKU has, stands the version: another one after each change. What is looked at before a change is looked at by the same
/// script, so that two at once can't both have the last place.
/// </summary>
public sealed class BasketStore(IConnectionMultiplexer redis)
{
    private const string VersionField = "";

    private const string Set = """
        if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0
            and redis.call('HLEN', KEYS[1]) - redis.call('HEXISTS', KEYS[1], '') >= tonumber(ARGV[5]) then return 0 end
        redis.call('HSET', KEYS[1], ARGV[1], ARGV[2], '', ARGV[3])
        redis.call('EXPIRE', KEYS[1], ARGV[4])
        return 1
        """;

    private const string Remove = """
        if redis.call('HDEL', KEYS[1], ARGV[1]) == 1 then redis.call('HSET', KEYS[1], '', ARGV[2]) end
        """;

    /// <summary>What was ordered goes, and what came into the basket since then stays.</summary>
    private const string Take = """
        if redis.call('HGET', KEYS[1], '') == ARGV[1] then return redis.call('DEL', KEYS[1]) end
        for index = 3, #ARGV, 2 do
            local pieces = tonumber(redis.call('HGET', KEYS[1], ARGV[index]))
            if pieces and pieces > tonumber(ARGV[index + 1]) then
                redis.call('HSET', KEYS[1], ARGV[index], pieces - ARGV[index + 1], '', ARGV[2])
            elseif pieces then
                redis.call('HDEL', KEYS[1], ARGV[index])
                redis.call('HSET', KEYS[1], '', ARGV[2])
            end
        end
        """;

    private static readonly TimeSpan TimeToLive = TimeSpan.FromDays(30);

    /// <summary>A basket nobody has put anything in is an empty one.</summary>
    public async Task<Basket> GetAsync(Guid id)
    {
        var entries = await redis.GetDatabase().HashGetAllAsync(Key(id));
        return new Basket(
            id,
            entries.Where(entry => entry.Name != VersionField).Select(entry => KeyValuePair.Create((string)entry.Name!, (int)entry.Value)),
            entries.Where(entry => entry.Name == VersionField).Select(entry => (Guid?)Guid.Parse((string)entry.Value!)).SingleOrDefault());
    }

    /// <returns>Whether there was room for it: a basket takes <see cref="Basket.MaxLines"/> SKUs.</returns>
    public async Task<bool> SetAsync(Guid id, string sku, int quantity) =>
        (bool)await redis.GetDatabase().ScriptEvaluateAsync(
            Set, [Key(id)], [sku, quantity, NewVersion(), (int)TimeToLive.TotalSeconds, Basket.MaxLines]);

    public Task RemoveAsync(Guid id, string sku) => redis.GetDatabase().ScriptEvaluateAsync(Remove, [Key(id)], [sku, NewVersion()]);

    /// <summary>Takes out what was ordered.</summary>
    /// <param name="id">The basket's.</param>
    /// <param name="version">Which was ordered.</param>
    /// <param name="quantities">What was ordered; empty when somebody else has taken it out.</param>
    public Task TakeAsync(Guid id, Guid? version, IReadOnlyDictionary<string, int> quantities) => redis.GetDatabase().ScriptEvaluateAsync(
        Take, [Key(id)],
        [version?.ToString() ?? "", NewVersion(), .. quantities.SelectMany(line => new RedisValue[] { line.Key, line.Value })]);

    /// <summary>Random, not counted: after a loss of the newest changes no version comes again.</summary>
    private static RedisValue NewVersion() => Guid.NewGuid().ToString();

    private static RedisKey Key(Guid id) => $"basket:{id:N}";
}
