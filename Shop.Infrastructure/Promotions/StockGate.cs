using StackExchange.Redis;

namespace Shop.Infrastructure.Promotions;

/// <summary>
/// Sheds, in front of the intake and without any work of the database, orders of flash-sale items that can't be filled.
/// It is a hint: whom it lets through, Postgres decides about; and it can be wrong only towards letting through
/// (docs/adr/0008-the-gate-is-a-hint.md says why).
/// </summary>
public sealed class StockGate(RedisGate redisGate, ActiveSales sales, TimeProvider time)
{
    private static readonly IReadOnlyList<string> None = [];

    /// <summary>
    /// The SKUs of which a running sale has fewer pieces left than wanted; none when the order may go on. An order without SKUs of a sale
    /// doesn't get as far as Redis.
    /// </summary>
    /// <param name="quantities">Pieces by SKU.</param>
    /// <param name="idempotencyKey">One that may have been accepted before always goes on: its answer stands.</param>
    public ValueTask<IReadOnlyList<string>> RefusedAsync(
        IReadOnlyDictionary<string, int> quantities, Guid idempotencyKey, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(quantities);
        List<(ActiveItem Active, int Quantity)>? asked = null;
        foreach (var (sku, quantity) in quantities)
        {
            foreach (var active in sales.Trusted(sku))
                (asked ??= []).Add((active, quantity));
        }

        return asked is null || redisGate.IsPaused
            ? ValueTask.FromResult(None)
            : new(AskAsync(asked, idempotencyKey).WaitAsync(cancellationToken));
    }

    private async Task<IReadOnlyList<string>> AskAsync(List<(ActiveItem Active, int Quantity)> asked, Guid idempotencyKey)
    {
        var now = time.GetUtcNow();
        // A sale about to start refuses nobody yet, but remembers who was let through before it.
        var running = asked.Where(item => item.Active.IsRunning(now)).ToArray();
        var logs = asked.Where(item => item.Active.EndsAt > now).DistinctBy(item => item.Active.SaleId).Select(item => item.Active)
            .ToArray();
        if (logs.Length == 0)
            return None;

        var answer = await redisGate.TryAsync(
            GateScripts.Admit,
            [.. logs.Select(sale => GateScripts.Log(sale.SaleId)),
            .. running.Select(item => GateScripts.Level(item.Active.SaleId, item.Active.Item.Sku))],
            [
                GateScripts.Value(idempotencyKey), logs.Length,
                .. logs.Select(sale => GateScripts.EndOfLog(sale.EndsAt)), .. running.Select(item => (RedisValue)item.Quantity),
            ]);
        if (answer is not { Length: > 0 })
            return None;
        PromotionsTelemetry.Refused.Add(1);
        return [.. ((int[])answer!).Select(index => running[index - 1].Active.Item.Sku)];
    }
}
