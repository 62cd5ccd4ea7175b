using Npgsql;

namespace Shop.Benchmarks.Chaos;

/// <summary>What must hold of a shop at rest, whatever happened to it; asked past all its code, and told in sentences with ids.</summary>
internal sealed class ChaosChecks(ShopTopology shop, MailFolder mail)
{
    private const int MostIds = 10;

    /// <summary>Checks all, of the whole shop and of a round's orders.</summary>
    /// <param name="orders">Of the round.</param>
    /// <param name="emailPrefix">By which its orders are found.</param>
    public async Task<(List<string> Broken, Dictionary<string, (Guid Id, string Status)> Stored)> RunAsync(
        IReadOnlyCollection<ChaosOrder> orders, string emailPrefix, CancellationToken cancellationToken)
    {
        var broken = new List<string>(orders.SelectMany(order => order.Surprises));
        var (stored, doubles) = await StoredAsync(emailPrefix, cancellationToken);
        Say(broken, "customers have more than one order for one key", doubles);
        CheckPromises(broken, orders, stored);
        await CheckStockAsync(broken, cancellationToken);
        await CheckMoneyAsync(broken, stored, cancellationToken);
        await CheckEffectsAsync(broken, stored, cancellationToken);
        await CheckMailAsync(broken, orders, stored, cancellationToken);
        return (broken, stored);
    }

    private static void CheckPromises(
        List<string> broken, IReadOnlyCollection<ChaosOrder> orders, Dictionary<string, (Guid Id, string Status)> stored)
    {
        Say(broken, "orders were answered 202 and don't exist as answered", orders
            .Where(order => order.AcceptedAs is { } id && (!stored.TryGetValue(order.Email, out var found) || found.Id != id))
            .Select(order => $"{order.AcceptedAs}"));
        Say(broken, "orders are not final", stored.Values
            .Where(order => order.Status is not ("Confirmed" or "Cancelled")).Select(order => $"{order.Id} {order.Status}"));
        Say(broken, "orders exist though their customers were refused", orders
            .Where(order => order is { AcceptedAs: null, WasRefused: true } && stored.ContainsKey(order.Email))
            .Select(order => $"{stored[order.Email].Id}"));
        Say(broken, "orders exist though their customers saw neither 202 nor any trouble", orders
            .Where(order => order is { AcceptedAs: null, Troubles: 0, WasRefused: false } && stored.ContainsKey(order.Email))
            .Select(order => $"{stored[order.Email].Id}"));
        Say(broken, "orders with a refused card are not cancelled", orders
            .Where(order => order.IsUnpaid && stored.TryGetValue(order.Email, out var found) && found.Status != "Cancelled")
            .Select(order => $"{stored[order.Email].Id}"));
        // Nothing expires within a round.
        Say(broken, "orders with a good card are cancelled", orders
            .Where(order => order.CardIsGood && stored.TryGetValue(order.Email, out var found) && found.Status == "Cancelled")
            .Select(order => $"{stored[order.Email].Id}"));
    }

    private async Task CheckStockAsync(List<string> broken, CancellationToken cancellationToken)
    {
        Say(broken, "SKUs are oversold or reserved below nothing", await ListAsync(
            "SELECT sku FROM inventory.stock WHERE on_hand < 0 OR reserved < 0 OR reserved > on_hand", cancellationToken));
        Say(broken, "SKUs don't have on hand what their movements say", await ListAsync("""
            SELECT s.sku FROM inventory.stock s LEFT JOIN inventory.movements m ON m.sku = s.sku
            GROUP BY s.sku, s.on_hand HAVING s.on_hand <> coalesce(sum(m.quantity), 0)
            """, cancellationToken));
        Say(broken, "SKUs don't have reserved what is held", await ListAsync("""
            SELECT s.sku FROM inventory.stock s LEFT JOIN inventory.reservations r ON r.sku = s.sku AND r.state = 'held'
            GROUP BY s.sku, s.reserved HAVING s.reserved <> coalesce(sum(r.quantity), 0)
            """, cancellationToken));
    }

    /// <summary>By the provider's own books, which no transaction of the shop reaches. A charge's key begins with its order's id.</summary>
    private async Task CheckMoneyAsync(
        List<string> broken, Dictionary<string, (Guid Id, string Status)> stored, CancellationToken cancellationToken)
    {
        var charges = new Dictionary<Guid, (int Times, bool Kept)>();
        await using var command = shop.Database.CreateCommand("""
            SELECT left(idempotency_key, 32)::uuid, sum(times_charged)::int, bool_or(accepted AND refunded_at IS NULL)
            FROM simulated_provider.charges WHERE accepted AND left(idempotency_key, 32)::uuid = ANY ($1) GROUP BY 1
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = stored.Values.Select(order => order.Id).ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            charges.Add(reader.GetGuid(0), (reader.GetInt32(1), reader.GetBoolean(2)));

        Say(broken, "orders are confirmed and not charged exactly once", stored.Values
            .Where(order => order.Status == "Confirmed" && charges.GetValueOrDefault(order.Id) != (1, true))
            .Select(order => $"{order.Id} {charges.GetValueOrDefault(order.Id)}"));
        Say(broken, "orders are cancelled and their money is kept", stored.Values
            .Where(order => order.Status == "Cancelled" && charges.GetValueOrDefault(order.Id).Kept).Select(order => $"{order.Id}"));
    }

    private async Task CheckEffectsAsync(
        List<string> broken, Dictionary<string, (Guid Id, string Status)> stored, CancellationToken cancellationToken)
    {
        var ids = stored.Values.Select(order => order.Id).ToArray();
        Say(broken, "orders came to a state twice", await ListAsync(
            "SELECT order_id::text FROM ordering.history WHERE order_id = ANY ($1) GROUP BY order_id, status HAVING count(*) > 1",
            cancellationToken, ids));
        Say(broken, "orders' goods left the stock more than once", await ListAsync(
            """
            SELECT order_id::text FROM inventory.movements WHERE order_id = ANY ($1) AND cause = 'sale'
            GROUP BY order_id, sku HAVING count(*) > 1
            """,
            cancellationToken, ids));
        var sold = (await ListAsync(
            "SELECT DISTINCT order_id::text FROM inventory.movements WHERE order_id = ANY ($1) AND cause = 'sale'",
            cancellationToken, ids)).ToHashSet();
        Say(broken, "orders are confirmed and their goods didn't leave the stock", stored.Values
            .Where(order => order.Status == "Confirmed" && !sold.Contains(order.Id.ToString())).Select(order => $"{order.Id}"));
        Say(broken, "orders are cancelled and their goods left the stock", stored.Values
            .Where(order => order.Status == "Cancelled" && sold.Contains(order.Id.ToString())).Select(order => $"{order.Id}"));
        Say(broken, "messages ended as dead letters", await ListAsync(
            "SELECT id || ' ' || type || ': ' || reason FROM messaging.dead_letters", cancellationToken));
    }

    private async Task CheckMailAsync(
        List<string> broken, IReadOnlyCollection<ChaosOrder> orders, Dictionary<string, (Guid Id, string Status)> stored,
        CancellationToken cancellationToken)
    {
        await mail.RefreshAsync(cancellationToken);
        Say(broken, "customers weren't written to", stored
            .Where(order => order.Value.Status is "Confirmed" or "Cancelled" && mail.Count(order.Key, NewsOf(order.Value.Status)) == 0)
            .Select(order => $"{order.Value.Id}"));
        Say(broken, "customers were told the wrong thing", stored
            .Where(order => order.Value.Status is "Confirmed" or "Cancelled"
                && mail.Count(order.Key, order.Value.Status == "Confirmed" ? "cancelled" : "confirmed") > 0)
            .Select(order => $"{order.Value.Id}"));
        Say(broken, "customers without an order were written to", orders
            .Where(order => !stored.ContainsKey(order.Email)
                && mail.Count(order.Email, "confirmed") + mail.Count(order.Email, "cancelled") > 0)
            .Select(order => order.Email));
    }

    private static string NewsOf(string status) => status == "Confirmed" ? "confirmed" : "cancelled";

    private async Task<(Dictionary<string, (Guid Id, string Status)> Stored, List<string> Doubles)> StoredAsync(
        string emailPrefix, CancellationToken cancellationToken)
    {
        var stored = new Dictionary<string, (Guid, string)>(StringComparer.Ordinal);
        var doubles = new List<string>();
        await using var command = shop.Database.CreateCommand("SELECT id, email, status FROM ordering.orders WHERE email LIKE $1 || '%'");
        command.Parameters.Add(new NpgsqlParameter { Value = emailPrefix });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (!stored.TryAdd(reader.GetString(1), (reader.GetGuid(0), reader.GetString(2))))
                doubles.Add($"{reader.GetString(1)}: {stored[reader.GetString(1)].Item1} and {reader.GetGuid(0)}");
        }

        return (stored, doubles);
    }

    private async Task<List<string>> ListAsync(string sql, CancellationToken cancellationToken, params object[] values)
    {
        await using var command = shop.Database.CreateCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        var list = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            list.Add(reader.GetString(0));
        return list;
    }

    private static void Say(List<string> broken, string what, IEnumerable<string> ids)
    {
        var all = ids.ToArray();
        if (all.Length > 0)
            broken.Add($"{all.Length} {what}: {string.Join(", ", all.Take(MostIds))}{(all.Length > MostIds ? ", …" : "")}");
    }
}
