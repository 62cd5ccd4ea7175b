using Shop.Contracts.Events;
using Shop.Domain;
using Shop.Domain.Ordering;
using Shop.Infrastructure.Inventory;
using Shop.Infrastructure.Messaging;
using Shop.Infrastructure.Promotions;

namespace Shop.Infrastructure.Ordering;

/// <summary>
/// Transitions of orders in one transaction of two round trips: the first notes the messages as handled and locks and reads
/// the orders, the second writes what follows and commits; where stock can be sold again the commit comes after the gate
/// was told. Locks are taken in one order everywhere: messages, orders, stock, sales.
/// </summary>
internal sealed class TransitionBatch(IReadOnlyList<OrderCommand> commands, StockLevelCache gate, DateTimeOffset now)
{
    /// <summary>Postgres takes 8,000 bytes as the payload of a notification, and an id has 36 characters.</summary>
    private const int IdsPerNotification = 200;

    private readonly HashSet<Guid> _newMessages = [];
    private readonly Dictionary<Guid, Order> _orders = [];
    private readonly List<OutboxMessage> _events = [];
    private readonly HashSet<Guid> _changed = [];
    private readonly HashSet<Guid> _restocked = [];
    private readonly Dictionary<Guid, DateTimeOffset> _placedAt = [];
    private readonly List<DateTimeOffset> _confirmed = [];
    private readonly List<CancelCause> _cancelled = [];

    /// <summary>After the commit: when each of the orders was accepted that it confirmed.</summary>
    public IReadOnlyList<DateTimeOffset> Confirmed => _confirmed;

    /// <summary>After the commit: what each of the orders was cancelled for that it cancelled.</summary>
    public IReadOnlyList<CancelCause> Cancelled => _cancelled;

    /// <summary>After the commit: how many messages had been handled before.</summary>
    public int Duplicates { get; private set; }

    /// <returns>What came of each command, in their order.</returns>
    public async Task<IReadOnlyList<TransitionOutcome>> CommitAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ReadAsync(connection, cancellationToken);
        var outcomes = commands.Select(Apply).ToArray();
        await WriteAsync(connection, cancellationToken);
        return outcomes;
    }

    private async Task ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var batch = connection.CreateBatch();
        Inbox.AddNote(batch, BrokerTopology.OrderingQueue, [.. commands.Select(command => command.MessageId).OfType<Guid>()], now);
        batch.Add(
            """
            SELECT id, status, payment_status, placed_at, payment_attempt, payment_reason, pay_until, total_minor, currency
            FROM ordering.orders WHERE id = ANY ($1) ORDER BY id FOR UPDATE
            """,
            commands.Select(command => command.OrderId).ToArray());
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            _newMessages.Add(reader.GetGuid(0));
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            _orders.Add(reader.GetGuid(0), Order.Restore(
                reader.GetGuid(0), Enum.Parse<OrderStatus>(reader.GetString(1)), Enum.Parse<OrderPaymentStatus>(reader.GetString(2)),
                reader.GetInt32(4),
                reader.GetStringOrNull(5), reader.IsDBNull(6) ? null : reader.GetFieldValue<DateTimeOffset>(6),
                new Money(reader.GetInt64(7), new Currency(reader.GetString(8)))));
            _placedAt.Add(reader.GetGuid(0), reader.GetFieldValue<DateTimeOffset>(3));
        }
    }

    private TransitionOutcome Apply(OrderCommand command)
    {
        // Taken out, so that the same message twice in one batch is handled once as well.
        if (command.MessageId is { } messageId && !_newMessages.Remove(messageId))
        {
            Duplicates++;
            return TransitionOutcome.Unchanged;
        }

        if (!_orders.TryGetValue(command.OrderId, out var order))
        {
            // Thrown, so that the message is not noted as handled: it fails alone, again and again, and ends in the dead letters.
            return command.MessageId is null
                ? TransitionOutcome.NotFound
                : throw new InvalidOperationException($"There is no order {command.OrderId} to move on.");
        }

        var before = order.Status;
        var outcome = command.Apply(order, now);
        if (order.Status != before)
        {
            _events.Add(Raise(order, command.TraceParent));
            if (order.Status is OrderStatus.Confirmed)
                _confirmed.Add(_placedAt[order.Id]);
            else if (order.Status is OrderStatus.Cancelled && command.Cause is { } cause)
                _cancelled.Add(cause);
        }

        if (outcome is TransitionOutcome.Changed)
        {
            if (command.PaymentToken is { } token)
            {
                var total = new Contracts.Money(order.Total.MinorUnits, order.Total.Currency.Code);
                _events.Add(OutboxMessage.Of(new OrderPaidAgain(order.Id, order.PaymentAttempt, total, token), now, command.TraceParent));
            }
            else if (order.AwaitsPayment)
            {
                _events.Add(OutboxMessage.Of(
                    new OrderAwaitsPayment(order.Id, order.PaymentReason!, order.PayUntil!.Value), now, command.TraceParent));
            }

            _changed.Add(order.Id);
            if (command.Restock)
                _restocked.Add(order.Id);
        }

        return outcome;
    }

    private OutboxMessage Raise(Order order, string? traceParent) => order.Status switch
    {
        OrderStatus.Confirmed => OutboxMessage.Of(new OrderConfirmed(order.Id), now, traceParent),
        OrderStatus.Cancelled => OutboxMessage.Of(
            new OrderCancelled(order.Id, order.CancelReason!, order.PaymentAttempt), now, traceParent),
        OrderStatus.Refunded => OutboxMessage.Of(
            new OrderRefunded(order.Id, order.History[^1].Cause, order.PaymentAttempt), now, traceParent),
        _ => throw new InvalidOperationException($"Nobody is told yet of orders that are {order.Status}."),
    };

    private async Task WriteAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var batch = connection.CreateBatch();
        var changed = _changed.Select(id => _orders[id]).ToArray();
        var raises = 0;
        if (changed.Length > 0)
        {
            raises = AddStock(batch, changed);
            AddOrders(batch, changed);
            // Whoever may pay in another way has its stock as long, and whoever pays again as long as any new order.
            if (changed.Where(order => order.Status is OrderStatus.Processing).ToArray() is { Length: > 0 } payable)
            {
                Stock.AddExtension(
                    batch, Array.ConvertAll(payable, order => order.Id),
                    Array.ConvertAll(payable, order => order.AwaitsPayment ? order.PayUntil!.Value : now + Stock.ReservationTime));
            }

            AddHistory(batch, changed);
            Outbox.AddRange(batch, _events);
            foreach (var ids in changed.Select(order => order.Id.ToString()).Chunk(IdsPerNotification))
                batch.Add("SELECT pg_notify($1, $2)", OrderTransitions.Channel, string.Join(',', ids));
        }

        if (raises == 0)
        {
            batch.Add("COMMIT");
            await batch.ExecuteNonQueryAsync(cancellationToken);
            return;
        }

        var levels = await ReadRaisedAsync(batch, raises, cancellationToken);
        await gate.InvalidateAsync(levels);
        await using var commit = connection.Sql("COMMIT");
        await commit.ExecuteNonQueryAsync(cancellationToken);
        await gate.PublishAsync(levels, []);
    }

    /// <summary>What is left of the items of running flash sales whose stock was raised.</summary>
    /// <param name="batch">Its results are the changes of stock, so many as were counted, then what runs.</param>
    /// <param name="raises">How many of its statements raised stock.</param>
    private static async Task<GateLevel[]> ReadRaisedAsync(NpgsqlBatch batch, int raises, CancellationToken cancellationToken)
    {
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        // Of the lock.
        await reader.NextResultAsync(cancellationToken);
        var changes = new Dictionary<string, StockChange>(StringComparer.Ordinal);
        for (; raises > 0; raises--)
        {
            // A SKU that was raised twice is as it was left last.
            foreach (var change in await Stock.ReadChangesAsync(reader, cancellationToken))
                changes[change.Sku] = change;
            await reader.NextResultAsync(cancellationToken);
        }

        // Of the lock on what is given back.
        await reader.NextResultAsync(cancellationToken);
        var sales = await FlashSaleClaims.ReadRunningAsync(reader, cancellationToken);
        // To the end, so that a statement that failed after these is heard of before the commit.
        while (await reader.NextResultAsync(cancellationToken))
        {
        }

        return [.. changes.Values.Select(change => sales.LevelOf(change.Sku, change.Version, change.Available)).OfType<GateLevel>()];
    }

    private static void AddOrders(NpgsqlBatch batch, Order[] changed) => batch.Add("""
        UPDATE ordering.orders SET status = new.status, payment_status = new.payment_status,
            cancel_reason = coalesce(new.reason, cancel_reason), payment_attempt = new.payment_attempt,
            payment_reason = new.payment_reason, pay_until = new.pay_until
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[], $7::timestamptz[])
            AS new (id, status, payment_status, reason, payment_attempt, payment_reason, pay_until)
        WHERE orders.id = new.id
        """,
        Array.ConvertAll(changed, order => order.Id), Array.ConvertAll(changed, order => order.Status.ToString()),
        Array.ConvertAll(changed, order => order.PaymentStatus.ToString()), Array.ConvertAll(changed, order => order.CancelReason),
        Array.ConvertAll(changed, order => order.PaymentAttempt), Array.ConvertAll(changed, order => order.PaymentReason),
        Array.ConvertAll(changed, order => order.PayUntil));

    private static void AddHistory(NpgsqlBatch batch, Order[] changed)
    {
        var entries = changed.SelectMany(order => order.History.Select(entry => (order.Id, Entry: entry))).ToArray();
        batch.Add(
            "INSERT INTO ordering.history (order_id, status, at, cause) SELECT * FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], "
                + "$4::text[])",
            Array.ConvertAll(entries, entry => entry.Id), Array.ConvertAll(entries, entry => entry.Entry.Status.ToString()),
            Array.ConvertAll(entries, entry => entry.Entry.At), Array.ConvertAll(entries, entry => entry.Entry.Cause));
    }

    /// <summary>Adds what follows for the stock and the sales; first of all, so that the results stand first.</summary>
    /// <returns>How many of the statements raise stock; after them stands what sales run.</returns>
    private int AddStock(NpgsqlBatch batch, Order[] changed)
    {
        // By their history and not by where they stand now: an order may have gone two steps in one batch.
        Guid[] Became(OrderStatus status) =>
            [.. changed.Where(order => order.History.Any(entry => entry.Status == status)).Select(order => order.Id)];
        var (sold, released, returned) = (Became(OrderStatus.Confirmed), Became(OrderStatus.Cancelled), _restocked.ToArray());
        if (sold.Length + released.Length + returned.Length == 0)
            return 0;
        Stock.AddLock(batch, [.. sold, .. released, .. returned]);
        if (sold.Length > 0)
            Stock.AddSale(batch, sold, now);
        if (released.Length > 0)
            Stock.AddRelease(batch, released);
        if (returned.Length > 0)
            Stock.AddReturn(batch, returned, now);
        if (released.Length + returned.Length > 0)
        {
            FlashSaleClaims.AddGiveBack(batch, [.. released, .. returned], now);
            FlashSaleClaims.AddRunning(batch, now);
        }

        return Math.Min(released.Length, 1) + Math.Min(returned.Length, 1);
    }
}

/// <summary>A transition on its way into a batch.</summary>
/// <param name="MessageId">The message that asks for it: handled once. Null when no message does.</param>
/// <param name="TraceParent">Where in its trace this was asked for (W3C Trace Context); the order's events go on with it.</param>
/// <param name="Apply">Moves the order on by its own methods, or says why not.</param>
/// <param name="Cause">If the order is cancelled: what it is counted by.</param>
/// <param name="PaymentToken">If the order is paid again: what the provider gave for the card.</param>
/// <param name="Restock">If the order is taken back: whether its pieces are in the house again.</param>
internal sealed record OrderCommand(
    Guid OrderId,
    Guid? MessageId,
    string? TraceParent,
    Func<Order, DateTimeOffset, TransitionOutcome> Apply,
    CancelCause? Cause = null,
    string? PaymentToken = null,
    bool Restock = false);
