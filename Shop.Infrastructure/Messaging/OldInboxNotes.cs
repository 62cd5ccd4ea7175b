namespace Shop.Infrastructure.Messaging;

/// <summary>Notes of messages that no broker delivers any more.</summary>
public sealed class OldInboxNotes(NpgsqlDataSource database)
{
    /// <summary>Deletes notes of messages that were handled before a moment, so many at most.</summary>
    /// <returns>How many.</returns>
    public async Task<int> DeleteAsync(DateTimeOffset handledBefore, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var delete = connection.Sql("""
            DELETE FROM messaging.inbox WHERE (consumer, message_id) IN (
                SELECT consumer, message_id FROM messaging.inbox WHERE handled_at < $1 LIMIT $2)
            """, handledBefore, limit);
        return await delete.ExecuteNonQueryAsync(cancellationToken);
    }
}
