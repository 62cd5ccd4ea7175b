using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Shop.Infrastructure.Promotions;

/// <summary>
/// Tells the gate what Postgres decided. Whoever lowers a level tells so after the commit (<see cref="PublishAsync"/>);
/// whoever raises one opens the gate for it before the commit (<see cref="InvalidateAsync"/>), and tells the number after it.
/// None of it fails when Redis does: the gate then lets through what it should have refused.
/// </summary>
public sealed class StockLevelCache(RedisGate redisGate, GateTimings times, ILogger<StockLevelCache> logger)
{
    /// <summary>Keys that are kept for a Redis that is down; beyond, memory is worth more.</summary>
    private const int MaxPending = 200_000;

    /// <summary>Keys in one call: a script holds up all others while it runs.</summary>
    private const int KeysAtOnce = 1000;

    private readonly ConcurrentQueue<SaleKey> _pending = new();

    /// <summary>
    /// Before the commit of what raises levels (an order that is cancelled, a reservation that expires, a delivery), holding
    /// the stock rows: from here on the gate lets everybody through to these SKUs, until <see cref="PublishAsync"/>. A
    /// process that dies in between leaves the gate open.
    /// </summary>
    /// <param name="levels">As they will be after the commit; the versions are those to come.</param>
    public async ValueTask InvalidateAsync(IReadOnlyCollection<GateLevel> levels)
    {
        ArgumentNullException.ThrowIfNull(levels);
        if (levels.Count == 0)
            return;
        var (keys, values) = Arguments(levels, isKnown: false);
        if (redisGate.IsPaused)
            redisGate.Send(GateScripts.SetLevels, keys, values);
        else
            await redisGate.TryAsync(GateScripts.SetLevels, keys, values);
    }

    /// <summary>
    /// After the commit, or after a refusal that was decided with the stock rows locked: the levels that hold since then, and the keys of
    /// the orders that were accepted.
    /// </summary>
    public async ValueTask PublishAsync(IReadOnlyCollection<GateLevel> levels, IReadOnlyCollection<SaleKey> accepted)
    {
        ArgumentNullException.ThrowIfNull(levels);
        ArgumentNullException.ThrowIfNull(accepted);
        Enqueue(accepted);
        // The keys first: they are what must not be missing when a level begins to refuse.
        await FlushPendingAsync();
        if (levels.Count == 0 || redisGate.IsPaused)
            return;
        var (keys, values) = Arguments(levels, isKnown: true);
        await redisGate.TryAsync(GateScripts.SetLevels, keys, values);
    }

    /// <summary>Hands in the keys that couldn't be when their orders were accepted.</summary>
    internal async Task FlushPendingAsync()
    {
        while (!_pending.IsEmpty && !redisGate.IsPaused)
        {
            var keys = new List<SaleKey>();
            while (keys.Count < KeysAtOnce && _pending.TryDequeue(out var key))
                keys.Add(key);
            foreach (var sale in keys.GroupBy(key => (key.SaleId, key.SaleEndsAt)))
            {
                if (!await RememberAsync(sale.Key.SaleId, sale.Key.SaleEndsAt, [.. sale.Select(key => key.Key)]))
                    Enqueue([.. sale]);
            }
        }
    }

    /// <returns>False when Redis doesn't answer.</returns>
    internal async Task<bool> RememberAsync(Guid saleId, DateTimeOffset saleEndsAt, IReadOnlyCollection<Guid> keys)
    {
        foreach (var chunk in keys.Chunk(KeysAtOnce))
        {
            var answer = await redisGate.TryAsync(
                GateScripts.Remember, [GateScripts.Log(saleId)], [GateScripts.EndOfLog(saleEndsAt), .. chunk.Select(GateScripts.Value)]);
            if (answer is null)
                return false;
        }

        return true;
    }

    private (RedisKey[] Keys, RedisValue[] Values) Arguments(IReadOnlyCollection<GateLevel> levels, bool isKnown) =>
        ([.. levels.Select(level => GateScripts.Level(level.SaleId, level.Sku))],
        [(long)times.LevelLife.TotalMilliseconds, (long)(times.LevelLife + times.LongestFlight).TotalMilliseconds,
        .. levels.SelectMany(level => new RedisValue[] { level.Version, isKnown ? level.Left : RedisValue.EmptyString })]);

    private void Enqueue(IReadOnlyCollection<SaleKey> keys)
    {
        if (_pending.Count > MaxPending)
        {
            logger.SaleKeysForgotten(keys.Count);
            return;
        }

        foreach (var key in keys)
            _pending.Enqueue(key);
    }
}

/// <summary>How many pieces of a SKU a running sale could sell, as of a version of the SKU's stock row.</summary>
/// <param name="Version">Of <c>inventory.stock</c>: it grows with every change of the row, and nothing of a sale's item changes without
/// it.</param>
/// <param name="Left">The smaller of what is in stock and what the sale has left.</param>
public sealed record GateLevel(Guid SaleId, string Sku, long Version, int Left);

/// <summary>The idempotency key of an order that took something of a sale.</summary>
public readonly record struct SaleKey(Guid SaleId, DateTimeOffset SaleEndsAt, Guid Key);
