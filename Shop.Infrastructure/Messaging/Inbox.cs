namespace Shop.Infrastructure.Messaging;

/// <summary>
/// Makes the effect of a message happen once, however often the broker delivers it: its id is noted in the transaction of
/// the effect, and one that is noted already has had it.
/// </summary>
public static class Inbox
{
    /// <summary>
    /// Notes messages as handled by a consumer, in the transaction of their effects. Returns the ids of those that weren't yet.
    /// </summary>
    public static void AddNote(NpgsqlBatch batch, string consumer, Guid[] messageIds, DateTimeOffset now) => batch.Add("""
        INSERT INTO messaging.inbox (consumer, message_id, handled_at) SELECT $1, id, $3 FROM unnest($2::uuid[]) AS message (id) ORDER BY id
        ON CONFLICT DO NOTHING RETURNING message_id
        """, consumer, messageIds, now);

    /// <summary>
    /// Adds to a batch of statements: which of these messages the consumer has handled. The result is a column of their ids.
    /// </summary>
    public static void AddLookup(NpgsqlBatch batch, string consumer, Guid[] messageIds) =>
        batch.Add("SELECT message_id FROM messaging.inbox WHERE consumer = $1 AND message_id = ANY ($2)", consumer, messageIds);
}
