using Microsoft.Extensions.DependencyInjection;
using Shop.Contracts.Events;
using Shop.Domain;
using Shop.Domain.Payments;
using Shop.Infrastructure.Messaging;

namespace Shop.Infrastructure.Payments;

/// <summary>
/// The payments as the shop has stored them. What many messages do at once is written in common: a few statements and one
/// commit for all of them. Nothing here asks the provider, so no transaction ever waits for it.
/// </summary>
public sealed class PaymentStore : IAsyncDisposable
{
    /// <summary>
    /// Beyond the messages that can be in work at once, so that none is refused; two writers, so that one fills a batch while the other
    /// commits.
    /// </summary>
    private static readonly GroupCommitOptions Together = new(Capacity: 20_000, MaxBatch: 250, Writers: 2);

    private const string Columns =
        "id, order_id, attempt, amount_minor, currency, status, provider_reference, reason, started_at, updated_at";

    private readonly NpgsqlDataSource _database;
    private readonly TimeProvider _time;
    private readonly GroupCommit<Guid, Payment[]> _finding;
    private readonly GroupCommit<Payment, Payment> _beginning;
    private readonly GroupCommit<PaymentUpdate, Payment?> _settling;

    public PaymentStore([FromKeyedServices(HotPath.Name)] NpgsqlDataSource database, TimeProvider time)
    {
        (_database, _time) = (database, time);
        _finding = new(Together, FindAsync);
        _beginning = new(Together, BeginAsync, payment => payment.OrderId);
        _settling = new(Together, SettleAsync, update => update.Key.OrderId);
    }

    /// <summary>Notes that the provider is about to be asked for the money, unless it is noted already.</summary>
    /// <returns>The payment as it stands: not necessarily pending.</returns>
    public Task<Payment> BeginAsync(PaymentKey key, Money amount, CancellationToken cancellationToken) =>
        _beginning.AddAsync(Payment.Start(key, amount, _time.GetUtcNow()), cancellationToken);

    /// <summary>
    /// Writes what became known and everything that follows from it: the payment's new state, its refund, the event that
    /// tells the other modules, and that the source has been handled. A source that was handled before changes nothing.
    /// </summary>
    /// <returns>
    /// The payment as it stands; null when there is none. When it <see cref="Payment.MustGoBack"/>, its source is not yet
    /// marked as handled: the provider has to give the money back first, and that has to be written too.
    /// </returns>
    public Task<Payment?> SettleAsync(PaymentUpdate update, CancellationToken cancellationToken) =>
        _settling.AddAsync(update, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _finding.DisposeAsync();
        await _beginning.DisposeAsync();
        await _settling.DisposeAsync();
    }

    /// <summary>An order's last payment; null when there is none.</summary>
    public async Task<Payment?> FindLastAsync(Guid orderId, CancellationToken cancellationToken) =>
        (await _finding.AddAsync(orderId, cancellationToken)).MaxBy(payment => payment.Attempt);

    /// <summary>Null when there is no such payment.</summary>
    public async Task<Payment?> FindAsync(PaymentKey key, CancellationToken cancellationToken) =>
        (await _finding.AddAsync(key.OrderId, cancellationToken)).FirstOrDefault(payment => payment.Attempt == key.Attempt);

    /// <summary>The payment with this reference of the provider; null when there is none.</summary>
    public async Task<PaymentKey?> FindKeyAsync(string providerReference, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        await using var query = connection.Sql(
            "SELECT order_id, attempt FROM payments.payments WHERE provider_reference = $1", providerReference);
        await using var reader = await query.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? new PaymentKey(reader.GetGuid(0), reader.GetInt32(1)) : null;
    }

    /// <summary>Marks as handled what concerns none of the shop's payments.</summary>
    public async Task IgnoreAsync(PaymentSource source, string reason, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        var effects = new PaymentChanges(_time.GetUtcNow());
        effects.Ignore(source, reason);
        // A batch by itself is a transaction.
        await WriteAsync(connection, effects, cancellationToken);
    }

    private async Task<IReadOnlyList<Payment[]>> FindAsync(IReadOnlyList<Guid> orderIds, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        await using var query = connection.Sql($"SELECT {Columns} FROM payments.payments WHERE order_id = ANY ($1)", orderIds.ToArray());
        await using var reader = await query.ExecuteReaderAsync(cancellationToken);
        var stored = (await ReadAllAsync(reader, cancellationToken)).Values.ToLookup(payment => payment.OrderId);
        return [.. orderIds.Select(orderId => stored[orderId].ToArray())];
    }

    private async Task<IReadOnlyList<Payment>> BeginAsync(IReadOnlyList<Payment> begun, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        await using var batch = connection.CreateBatch();
        AddInsert(batch, begun);
        batch.Add($"SELECT {Columns} FROM payments.payments WHERE order_id = ANY ($1)", begun.Select(payment => payment.OrderId).ToArray());
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var stored = await ReadAllAsync(reader, cancellationToken);
        return [.. begun.Select(payment => stored[payment.Key])];
    }

    private async Task<IReadOnlyList<Payment?>> SettleAsync(IReadOnlyList<PaymentUpdate> updates, CancellationToken cancellationToken)
    {
        using var commit = CommitTrace.Start(PaymentsTelemetry.Source, "payments commit", updates.Select(update => update.TraceParent));
        var start = _time.GetUtcNow();
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var now = _time.GetUtcNow();

        var (payments, handledBefore) = await LockAsync(connection, updates, now, cancellationToken);
        var effects = new PaymentChanges(now);
        var duplicates = 0;
        foreach (var update in updates)
        {
            var payment = payments.GetValueOrDefault(update.Key);
            if (update.Source.MessageId is { } messageId && handledBefore.Contains(messageId))
                duplicates++;
            else if (payment is not null)
                effects.Apply(update, payment);
            else
                effects.Ignore(update.Source, "There is no such payment.");
        }

        await WriteAsync(connection, effects, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        MessagingTelemetry.CountDuplicates(BrokerTopology.PaymentsQueue, duplicates);
        for (var index = 0; commit is not null && index < updates.Count; index++)
            CommitTrace.RecordWrite(
                PaymentsTelemetry.Source, "write payment", updates[index].TraceParent, start, updates[index].Key.OrderId, updates.Count,
                commit);
        return [.. updates.Select(update => payments.GetValueOrDefault(update.Key))];
    }

    /// <summary>Locks the payments, in the order of their orders' ids, so that two batches can't wait for each other.</summary>
    private static async Task<(Dictionary<PaymentKey, Payment> Payments, HashSet<Guid> HandledBefore)> LockAsync(
        NpgsqlConnection connection, IReadOnlyList<PaymentUpdate> updates, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var batch = connection.CreateBatch();
        // An order that is off before its payment began gets one that never will.
        AddInsert(batch, [.. updates.Where(update => update.Answer is null).Select(update => Payment.NeverStarted(update.Key, now))]);
        batch.Add(
            $"SELECT {Columns} FROM payments.payments WHERE order_id = ANY ($1) ORDER BY order_id, attempt FOR UPDATE",
            updates.Select(update => update.Key.OrderId).ToArray());
        // Looked at after the lock: whoever handled the same message a moment ago has committed by then.
        Inbox.AddLookup(batch, BrokerTopology.PaymentsQueue, [.. updates.Select(update => update.Source.MessageId).OfType<Guid>()]);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var payments = await ReadAllAsync(reader, cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var handledBefore = new HashSet<Guid>();
        while (await reader.ReadAsync(cancellationToken))
            handledBefore.Add(reader.GetGuid(0));
        return (payments, handledBefore);
    }

    private static async Task WriteAsync(NpgsqlConnection connection, PaymentChanges effects, CancellationToken cancellationToken)
    {
        await using var batch = connection.CreateBatch();
        var changed = effects.Changed;
        if (changed.Count > 0)
        {
            batch.Add("""
                UPDATE payments.payments AS stored
                SET amount_minor = changed.amount, currency = changed.currency, status = changed.status,
                    provider_reference = changed.reference, reason = changed.reason, updated_at = changed.updated_at
                FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
                    AS changed (id, amount, currency, status, reference, reason, updated_at)
                WHERE stored.id = changed.id
                """,
                changed.Select(payment => payment.Id).ToArray(),
                changed.Select(payment => payment.Amount.MinorUnits).ToArray(),
                changed.Select(payment => payment.Amount.Currency.Code).ToArray(),
                changed.Select(payment => payment.Status.ToString()).ToArray(),
                changed.Select(payment => payment.ProviderReference).ToArray(),
                changed.Select(payment => payment.Reason).ToArray(),
                changed.Select(payment => payment.UpdatedAt).ToArray());
        }

        var refunds = effects.Refunds;
        if (refunds.Count > 0)
        {
            batch.Add("""
                INSERT INTO payments.refunds (id, payment_id, key, amount_minor, currency, reason, refunded_at)
                SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::timestamptz[])
                """,
                refunds.Select(refund => Guid.CreateVersion7(refund.Payment.UpdatedAt)).ToArray(),
                refunds.Select(refund => refund.Payment.Id).ToArray(),
                refunds.Select(refund => PaymentGateway.RefundKey(refund.Payment.Key)).ToArray(),
                refunds.Select(refund => refund.Payment.Amount.MinorUnits).ToArray(),
                refunds.Select(refund => refund.Payment.Amount.Currency.Code).ToArray(),
                refunds.Select(refund => refund.Reason).ToArray(),
                refunds.Select(refund => refund.Payment.UpdatedAt).ToArray());
        }

        if (effects.HandledMessages.Count > 0)
            Inbox.AddNote(batch, BrokerTopology.PaymentsQueue, [.. effects.HandledMessages], effects.Now);

        if (effects.HandledEvents.Count > 0)
        {
            batch.Add("""
                UPDATE payments.provider_events AS stored SET handled_at = $4, outcome = handled.outcome
                FROM unnest($1::text[], $2::text[], $3::text[]) AS handled (provider, event_id, outcome)
                WHERE stored.provider = handled.provider AND stored.event_id = handled.event_id AND stored.handled_at IS NULL
                """,
                effects.HandledEvents.Select(handled => handled.Event.Provider).ToArray(),
                effects.HandledEvents.Select(handled => handled.Event.EventId).ToArray(),
                effects.HandledEvents.Select(handled => handled.Outcome).ToArray(),
                effects.Now);
        }

        Outbox.AddRange(batch, effects.Messages);
        if (batch.BatchCommands.Count > 0)
            await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Inserts payments where their orders have none; in the order of the orders' ids, like every lock here.</summary>
    private static void AddInsert(NpgsqlBatch batch, IReadOnlyList<Payment> payments)
    {
        if (payments.Count == 0)
            return;
        batch.Add("""
            INSERT INTO payments.payments (id, order_id, attempt, amount_minor, currency, status, started_at, updated_at)
            SELECT new.id, new.order_id, new.attempt, new.amount, new.currency, new.status, new.started_at, new.started_at
            FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::bigint[], $5::text[], $6::text[], $7::timestamptz[])
                AS new (id, order_id, attempt, amount, currency, status, started_at)
            ORDER BY new.order_id, new.attempt
            ON CONFLICT (order_id, attempt) DO NOTHING
            """,
            payments.Select(payment => payment.Id).ToArray(),
            payments.Select(payment => payment.OrderId).ToArray(),
            payments.Select(payment => payment.Attempt).ToArray(),
            payments.Select(payment => payment.Amount.MinorUnits).ToArray(),
            payments.Select(payment => payment.Amount.Currency.Code).ToArray(),
            payments.Select(payment => payment.Status.ToString()).ToArray(),
            payments.Select(payment => payment.StartedAt).ToArray());
    }

    private static async Task<Dictionary<PaymentKey, Payment>> ReadAllAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var payments = new Dictionary<PaymentKey, Payment>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var payment = Read(reader);
            payments.Add(payment.Key, payment);
        }

        return payments;
    }

    private static Payment Read(NpgsqlDataReader reader) => Payment.Restore(
        reader.GetGuid(0),
        new PaymentKey(reader.GetGuid(1), reader.GetInt32(2)),
        new Money(reader.GetInt64(3), new Currency(reader.GetString(4))),
        Enum.Parse<PaymentStatus>(reader.GetString(5)),
        reader.GetStringOrNull(6),
        reader.GetStringOrNull(7),
        reader.GetFieldValue<DateTimeOffset>(8),
        reader.GetFieldValue<DateTimeOffset>(9));
}

/// <summary>What told something about a payment; marked as handled in the transaction that writes its effect.</summary>
/// <param name="MessageId">The message in the payments queue, noted in the inbox.</param>
/// <param name="Event">The provider's event, if it was one.</param>
public sealed record PaymentSource(Guid? MessageId = null, ProviderEventKey? Event = null)
{
    /// <summary>Somebody asked.</summary>
    public static PaymentSource Poll { get; } = new();
}

/// <summary>Something that has become known about an order's payment, to be written into the store.</summary>
/// <param name="Key">Which payment.</param>
/// <param name="Answer">What became of the charge; null: the order is off.</param>
/// <param name="Source">What told it.</param>
public sealed record PaymentUpdate(PaymentKey Key, ChargeResult? Answer, PaymentSource Source)
{
    /// <summary>The trace it belongs to; the update is written in a batch with others, whose trace is another one.</summary>
    public string? TraceParent { get; } = Activity.Current?.Id;
}
