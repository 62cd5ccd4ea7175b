using System.Security.Cryptography;
using Shop.Contracts;
using Shop.Contracts.Messaging;

namespace Shop.Infrastructure.Messaging;

/// <summary>Messages that no consumer could handle, kept until somebody sends them again or discards them.</summary>
public sealed class DeadLetters(NpgsqlDataSource database, TimeProvider time)
{
    /// <summary>How many are sent again in one transaction.</summary>
    private const int ResendBatch = 500;

    // Strict: a payload that is no text can't be sent again, and is better left than sent as something else.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Adds letters to a batch of statements. One that is there already, from an earlier death, is open again.</summary>
    /// <param name="batch">Runs in one transaction.</param>
    /// <param name="letters">With different ids.</param>
    public static void Add(NpgsqlBatch batch, IReadOnlyList<DeadMessage> letters)
    {
        ArgumentNullException.ThrowIfNull(letters);
        foreach (var letter in letters)
        {
            batch.Add(
                """
                INSERT INTO messaging.dead_letters (id, message_id, queue, type, payload, trace_parent, reason, attempts, first_failed_at,
                    died_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                ON CONFLICT (id) DO UPDATE SET reason = excluded.reason, attempts = excluded.attempts, trace_parent = excluded.trace_parent,
                    first_failed_at = excluded.first_failed_at, died_at = excluded.died_at, resent_at = NULL, discarded_at = NULL,
                    payload = excluded.payload, secrets_gone = false
                """,
                letter.Id, Printable(letter.MessageId), Printable(letter.Queue), Printable(letter.Type), letter.Payload,
                Printable(letter.TraceParent),
                Printable(letter.Reason), letter.Attempts, letter.FirstFailedAt, letter.DiedAt);
        }
    }

    /// <summary>Those that wait for a decision, the latest first.</summary>
    /// <param name="queue">Only those that died in it; null for all.</param>
    /// <param name="after">Where the page before ended; null for the first.</param>
    /// <param name="pageSize">1 to <see cref="PageSize.Max"/>.</param>
    public async Task<Page<DeadLetter>> ListAsync(string? queue, DeadLetterCursor? after, int pageSize, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = connection.Sql(
            """
            SELECT id, message_id, queue, type, reason, attempts, first_failed_at, died_at, resent_at, discarded_at, payload
            FROM messaging.dead_letters
            WHERE resent_at IS NULL AND discarded_at IS NULL AND ($1::text IS NULL OR queue = $1)
                AND ($2::timestamptz IS NULL OR (died_at, id) < ($2, $3))
            ORDER BY died_at DESC, id DESC LIMIT $4
            """, queue, after?.DiedAt, after?.Id, pageSize + 1);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var letters = await reader.RowsAsync(row => Read(row), cancellationToken);
        if (letters.Count <= pageSize)
            return new Page<DeadLetter>(letters, null);
        letters.RemoveAt(pageSize);
        return new Page<DeadLetter>(letters, new DeadLetterCursor(letters[^1].DiedAt, letters[^1].Id).ToString());
    }

    /// <summary>How many wait for a decision.</summary>
    public async Task<long> CountAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = connection.Sql(
            "SELECT count(*) FROM messaging.dead_letters WHERE resent_at IS NULL AND discarded_at IS NULL");
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>One letter, whatever became of it; null when there is none.</summary>
    public async Task<DeadLetter?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = connection.Sql("""
            SELECT id, message_id, queue, type, reason, attempts, first_failed_at, died_at, resent_at, discarded_at, payload
            FROM messaging.dead_letters WHERE id = $1
            """, id);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    /// <summary>
    /// Sends a letter to the queue in which it died, as the message it was: a consumer that has handled it meanwhile
    /// knows it by its id. One that was sent again or discarded already is left alone.
    /// </summary>
    public async Task<ResentLetters> ResendAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = connection.Sql("""
            SELECT id, message_id, queue, type, payload, trace_parent, died_at FROM messaging.dead_letters
            WHERE id = $1 AND resent_at IS NULL AND discarded_at IS NULL FOR UPDATE
            """, id);
        var (letters, unsendable) = await TakeAsync(command, cancellationToken);
        await SendAsync(connection, letters, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new ResentLetters(letters.Count, unsendable);
    }

    /// <summary>Sends all letters of a queue again, or those of all queues.</summary>
    public async Task<ResentLetters> ResendAllAsync(string? queue, CancellationToken cancellationToken)
    {
        // Those that die again meanwhile are of a later time, so this comes to an end.
        var until = time.GetUtcNow();
        var (sent, unsendable) = (0, 0);
        var after = new DeadLetterCursor(DateTimeOffset.UnixEpoch, Guid.Empty);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        while (true)
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using var command = connection.Sql(
                """
                SELECT id, message_id, queue, type, payload, trace_parent, died_at FROM messaging.dead_letters
                WHERE resent_at IS NULL AND discarded_at IS NULL AND ($1::text IS NULL OR queue = $1)
                    AND died_at <= $2 AND (died_at, id) > ($3, $4)
                ORDER BY died_at, id LIMIT $5 FOR UPDATE
                """, queue, until, after.DiedAt, after.Id, ResendBatch);
            var (letters, broken) = await TakeAsync(command, cancellationToken, last => after = last);
            await SendAsync(connection, letters, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            sent += letters.Count;
            unsendable += broken;
            if (letters.Count + broken < ResendBatch)
                return new ResentLetters(sent, unsendable);
        }
    }

    /// <returns>False when there is no such letter that waits for a decision.</returns>
    public async Task<bool> DiscardAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = connection.Sql(
            "UPDATE messaging.dead_letters SET discarded_at = $2 WHERE id = $1 AND resent_at IS NULL AND discarded_at IS NULL", id,
            time.GetUtcNow());
        return await command.ExecuteNonQueryAsync(cancellationToken) > 0;
    }

    /// <summary>Takes out of letters what is secret in them: a card's token is of no use once the order it was for is off.</summary>
    /// <param name="diedBefore">Of those that died before, the oldest first.</param>
    /// <param name="limit">So many at most.</param>
    /// <returns>How many were looked through.</returns>
    public async Task<int> HideSecretsAsync(DateTimeOffset diedBefore, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var batch = connection.CreateBatch();
        await using (var find = connection.Sql(
            "SELECT id, payload FROM messaging.dead_letters WHERE died_at < $1 AND NOT secrets_gone ORDER BY died_at LIMIT $2 FOR UPDATE",
            diedBefore, limit))
        await using (var reader = await find.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                var payload = reader.GetFieldValue<byte[]>(1);
                var shown = RedactedPayload.Of(payload);
                batch.Add("UPDATE messaging.dead_letters SET payload = $2, secrets_gone = true WHERE id = $1",
                    reader.GetGuid(0), RedactedPayload.IsWithoutSecrets(shown) ? Utf8.GetBytes(shown) : payload);
            }
        }

        if (batch.BatchCommands.Count == 0)
            return 0;
        await batch.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return batch.BatchCommands.Count;
    }

    /// <summary>Deletes letters that died before a moment, the oldest first, so many at most.</summary>
    /// <returns>How many.</returns>
    public async Task<int> DeleteAsync(DateTimeOffset diedBefore, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var delete = connection.Sql(
            """
            DELETE FROM messaging.dead_letters WHERE id IN (
                SELECT id FROM messaging.dead_letters WHERE died_at < $1 ORDER BY died_at LIMIT $2)
            """, diedBefore, limit);
        return await delete.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <returns>The letters that can be sent, and how many can't.</returns>
    private static async Task<(List<Sendable> Letters, int Unsendable)> TakeAsync(
        NpgsqlCommand command, CancellationToken cancellationToken, Action<DeadLetterCursor>? seen = null)
    {
        var letters = new List<Sendable>();
        var unsendable = 0;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var id = reader.GetGuid(0);
            seen?.Invoke(new DeadLetterCursor(reader.GetFieldValue<DateTimeOffset>(6), id));
            if (Text(reader.GetFieldValue<byte[]>(4)) is not { } payload || RedactedPayload.IsWithoutSecrets(payload))
            {
                unsendable++;
                continue;
            }

            // Without an id of its own it could never be read; with this one it can.
            var messageId = Guid.TryParse(reader.GetStringOrNull(1), out var own) ? own : id;
            letters.Add(new Sendable(id, messageId, reader.GetString(2), reader.GetString(3), payload, reader.GetStringOrNull(5)));
        }

        return (letters, unsendable);
    }

    private async Task SendAsync(NpgsqlConnection connection, List<Sendable> letters, CancellationToken cancellationToken)
    {
        if (letters.Count == 0)
            return;
        var now = time.GetUtcNow();
        await using var batch = connection.CreateBatch();
        foreach (var letter in letters)
        {
            batch.Add(
                """
                INSERT INTO messaging.outbox (id, message_id, type, payload, trace_parent, occurred_at, queue)
                    VALUES ($1, $2, $3, $4, $5, $6, $7)
                """, Guid.CreateVersion7(now), letter.MessageId, letter.Type, letter.Payload, letter.TraceParent, now, letter.Queue);
        }

        batch.Add("UPDATE messaging.dead_letters SET resent_at = $2 WHERE id = ANY ($1)", letters.Select(letter => letter.Id).ToArray(),
            now);
        batch.Add($"NOTIFY {Outbox.Channel}");
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static DeadLetter Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), reader.GetStringOrNull(1), reader.GetString(2), reader.GetString(3), reader.GetString(4), reader.GetInt32(5),
        Time(reader, 6), reader.GetFieldValue<DateTimeOffset>(7), Time(reader, 8), Time(reader, 9),
        RedactedPayload.Of(reader.GetFieldValue<byte[]>(10)));

    /// <summary>Null when it is no text that Postgres can hold.</summary>
    private static string? Text(byte[] payload)
    {
        try
        {
            return payload.Contains((byte)0) ? null : Utf8.GetString(payload);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>Postgres' texts hold every character but this one.</summary>
    private static string? Printable(string? text) => text?.Replace("\0", "", StringComparison.Ordinal);

    private static DateTimeOffset? Time(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);

    private sealed record Sendable(Guid Id, Guid MessageId, string Queue, string Type, string Payload, string? TraceParent);
}

/// <summary>A message as it died.</summary>
/// <param name="TraceParent">The trace it belongs to.</param>
/// <param name="Reason">Why, as a sentence.</param>
/// <param name="Attempts">How often it was tried.</param>
public sealed record DeadMessage(
    string? MessageId,
    string Queue,
    string Type,
    byte[] Payload,
    string? TraceParent,
    string Reason,
    int Attempts,
    DateTimeOffset? FirstFailedAt,
    DateTimeOffset DiedAt)
{
    /// <summary>Made of the message and its queue, so that one death that is told twice is still one.</summary>
    public Guid Id { get; } = IdOf(MessageId, Queue, Payload);

    private static Guid IdOf(string? messageId, string queue, byte[] payload)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{queue}\n{messageId}\n"));
        // The id says which message it is; without one its content must.
        if (messageId is null)
            hash.AppendData(payload);
        Span<byte> id = hash.GetHashAndReset().AsSpan(0, 16);
        // Version 8, variant 10: a UUID of one's own making (RFC 9562, section 5.8).
        id[6] = (byte)((id[6] & 0x0F) | 0x80);
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        return new Guid(id, bigEndian: true);
    }
}
