using System.Collections.Frozen;
using Shop.Domain.Promotions;

namespace Shop.Infrastructure.Promotions;

/// <summary>
/// What this process knows of the sales that run or are about to, about a second old: enough to show prices by, and to
/// tell which orders the gate has a say in. What an order costs and whether it is taken, Postgres decides.
/// </summary>
public sealed class ActiveSales(TimeProvider time)
{
    /// <summary>How long before its start a sale is known here: longer than the gate takes to get ready for it.</summary>
    public static readonly TimeSpan Ahead = TimeSpan.FromMinutes(1);

    /// <summary>How old the knowledge may be for an order to be refused by it. A sale is never ended with shorter notice.</summary>
    public static readonly TimeSpan TrustedFor = TimeSpan.FromSeconds(2);

    private volatile Snapshot _snapshot = new(0, FrozenDictionary<string, ActiveItem[]>.Empty);

    /// <summary>The sales of what is known, each with its items.</summary>
    public IEnumerable<IGrouping<Guid, ActiveItem>> Sales => _snapshot.Items.Values.SelectMany(items => items).GroupBy(item => item.SaleId);

    /// <summary>Replaces what is known.</summary>
    /// <param name="items">All that run or start within <see cref="Ahead"/>.</param>
    /// <param name="asOf">A timestamp of the clock, from before they were read.</param>
    public void Update(IEnumerable<ActiveItem> items, long asOf) => _snapshot = new Snapshot(
        asOf,
        items.GroupBy(item => item.Item.Sku, StringComparer.Ordinal)
            .ToFrozenDictionary(group => group.Key, group => group.OrderBy(item => item.StartsAt).ToArray(), StringComparer.Ordinal));

    /// <summary>The sale that sells this SKU now; null when it is sold as ever.</summary>
    public ActiveItem? Running(string sku)
    {
        if (!_snapshot.Items.TryGetValue(sku, out var items))
            return null;
        var now = time.GetUtcNow();
        return Array.Find(items, item => item.IsRunning(now));
    }

    /// <summary>What of this SKU can be sold: no more than the stock, and while a sale runs no more than it has left.</summary>
    public int Available(string sku, int inStock) => Running(sku) is { } running ? Math.Min(inStock, running.Item.Left) : inStock;

    /// <summary>The SKUs whose running sale has nothing left, whatever the stock.</summary>
    public IEnumerable<string> SoldOut() => _snapshot.Items.Keys.Where(sku => Running(sku) is { Item.Left: 0 });

    /// <summary>The sales of a SKU that run or are about to; none when the knowledge is too old to refuse anybody by.</summary>
    internal ReadOnlySpan<ActiveItem> Trusted(string sku) =>
        _snapshot is { Items.Count: > 0 } snapshot && snapshot.Items.TryGetValue(sku, out var items)
            && time.GetElapsedTime(snapshot.AsOf) < TrustedFor
            ? items
            : [];

    private sealed record Snapshot(long AsOf, FrozenDictionary<string, ActiveItem[]> Items);
}

/// <summary>A SKU of a sale that runs or is about to.</summary>
public sealed record ActiveItem(Guid SaleId, DateTimeOffset StartsAt, DateTimeOffset EndsAt, FlashSaleItem Item)
{
    public bool IsRunning(DateTimeOffset now) => StartsAt <= now && now < EndsAt;
}
