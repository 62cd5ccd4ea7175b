using Shop.Domain;

namespace Shop.Infrastructure.Ordering;

/// <summary>An order that was accepted under an idempotency key.</summary>
/// <param name="Hash">Of what was sent then.</param>
internal sealed record IdempotentOrder(byte[] Hash, IntakeResult.Accepted Accepted)
{
    /// <summary>What the same key is answered with now.</summary>
    public IntakeResult Answer(ReadOnlySpan<byte> hash) => hash.SequenceEqual(Hash) ? Accepted : new IntakeResult.KeyReused();

    public static void AddRead(NpgsqlBatch batch, Guid[] keys) => batch.Add("""
        SELECT k.key, k.request_hash, k.order_id, o.number, o.total_minor, o.currency
        FROM ordering.idempotency_keys k JOIN ordering.orders o ON o.id = k.order_id WHERE k.key = ANY ($1)
        """, keys);

    public static async Task<Dictionary<Guid, IdempotentOrder>> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var known = new Dictionary<Guid, IdempotentOrder>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var total = new Money(reader.GetInt64(4), new Currency(reader.GetString(5)));
            known.Add(reader.GetGuid(0), new IdempotentOrder(
                reader.GetFieldValue<byte[]>(1), new IntakeResult.Accepted(reader.GetGuid(2), reader.GetInt64(3), total, Replayed: true)));
        }

        return known;
    }
}
