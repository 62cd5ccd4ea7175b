using Microsoft.Extensions.Logging;

namespace Shop.Infrastructure.Promotions;

/// <summary>
/// Sees to it that the gate's log of a sale misses no key: until it is complete the gate refuses nobody. A log is begun
/// when the sale is first seen, and anew when Redis lost it; from then on each key that passes is in it, and when all that
/// passed before must have been committed or not, the rest is read from Postgres.
/// </summary>
public sealed class AcceptedKeyLog(
    RedisGate redisGate, StockLevelCache levels, GateTimings times, IAcceptedKeys orders, ILogger<AcceptedKeyLog> logger)
{
    /// <summary>How long before a sale's start an order for its SKUs may have been accepted whose customer still repeats it.</summary>
    private static readonly TimeSpan KeyMemory = TimeSpan.FromHours(24);

    /// <summary>Brings the log of a sale forward; to be called again and again while the sale lasts. Several processes may.</summary>
    /// <param name="items">All items of one sale.</param>
    public async Task RebuildAsync(IReadOnlyList<ActiveItem> items, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(items);
        if (redisGate.IsPaused)
            return;
        var sale = items[0];
        var begun = await redisGate.TryAsync(GateScripts.Begin, [GateScripts.Log(sale.SaleId)], [GateScripts.EndOfLog(sale.EndsAt)]);
        if (begun is not { Length: 2 } || (long)begun[1] < times.LongestFlight.TotalMilliseconds)
            return;

        var accepted = await orders.OfAsync([.. items.Select(item => item.Item.Sku)], sale.StartsAt - KeyMemory, cancellationToken);
        if (!await levels.RememberAsync(sale.SaleId, sale.EndsAt, accepted))
            return;
        var complete = await redisGate.TryAsync(GateScripts.Complete, [GateScripts.Log(sale.SaleId)], [(string?)begun[0]]);
        if (complete is null || !(bool)complete)
            return;
        PromotionsTelemetry.Rebuilds.Add(1);
        logger.GateKnowsSale(accepted.Count, sale.SaleId);
    }
}

/// <summary>Which idempotency keys have an order: what the gate asks Ordering for, which in turn asks the gate.</summary>
public interface IAcceptedKeys
{
    /// <summary>The keys of the orders with any of these SKUs. It reads all keys since then: for rare occasions.</summary>
    Task<IReadOnlyCollection<Guid>> OfAsync(string[] skus, DateTimeOffset since, CancellationToken cancellationToken);
}
