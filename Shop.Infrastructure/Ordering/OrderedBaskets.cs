namespace Shop.Infrastructure.Ordering;

/// <summary>Which versions of baskets were ordered: claimed in the order's own transaction, so that each becomes one order.</summary>
internal static class OrderedBaskets
{
    /// <summary>What fails a batch with a version that another one has claimed in the same moment.</summary>
    public const string Constraint = "ordered_baskets_pkey";

    public static void AddRead(NpgsqlBatch batch, Guid[] versions) =>
        batch.Add("SELECT version, order_id FROM ordering.ordered_baskets WHERE version = ANY ($1)", versions);

    /// <returns>The orders, by version.</returns>
    public static async Task<Dictionary<Guid, Guid>> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var orders = new Dictionary<Guid, Guid>();
        while (await reader.ReadAsync(cancellationToken))
            orders.Add(reader.GetGuid(0), reader.GetGuid(1));
        return orders;
    }

    /// <summary>In order, so that two batches with the same versions can't wait for each other.</summary>
    public static void AddClaims(NpgsqlBatch batch, Guid[] versions, Guid[] orderIds, DateTimeOffset now) => batch.Add("""
        INSERT INTO ordering.ordered_baskets (version, order_id, created_at)
        SELECT version, id, $3 FROM unnest($1, $2) AS claimed (version, id) ORDER BY version
        """, versions, orderIds, now);
}
