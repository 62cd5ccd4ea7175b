using Shop.Contracts.Events;
using Shop.Infrastructure.Notifications;
using Shop.Infrastructure.Ordering;
using Shop.Worker.Messaging;

namespace Shop.Worker.Notifications;

/// <summary>
/// Writes to customers. The e-mail goes out before the message is noted as handled, so that a crash between the two
/// sends it twice rather than never. What many messages need of the database is read and written for all of them at once.
/// </summary>
internal sealed class NotificationsConsumer : EventConsumer, IAsyncDisposable
{
    private const string Name = BrokerTopology.NotificationsQueue;

    // Far more than are handled at once. Two, so that one batch is under way while the other is on the wire.
    private static readonly GroupCommitOptions AtOnce = new(Capacity: 10_000, MaxBatch: 200, Writers: 2);

    private readonly NpgsqlDataSource _database;
    private readonly TimeProvider _time;
    private readonly GroupCommit<Occasion, Known> _reads;
    private readonly GroupCommit<Guid, bool> _notes;

    public NotificationsConsumer(OrderEmails emails, [FromKeyedServices(HotPath.Name)] NpgsqlDataSource database, TimeProvider time)
    {
        (_database, _time) = (database, time);
        _reads = new(AtOnce, ReadAsync);
        _notes = new(AtOnce, NoteAsync);
        On<OrderAwaitsPayment>((told, messageId, cancellationToken) => OnceAsync(
            messageId, told.OrderId, order => emails.AwaitsPaymentAsync(messageId, order, told.Reason, told.PayUntil, cancellationToken),
            cancellationToken));
        On<OrderConfirmed>((told, messageId, cancellationToken) => OnceAsync(
            messageId, told.OrderId, order => emails.ConfirmedAsync(messageId, order, cancellationToken), cancellationToken));
        On<OrderCancelled>((told, messageId, cancellationToken) => OnceAsync(
            messageId, told.OrderId, order => emails.CancelledAsync(messageId, order, told.Reason, cancellationToken), cancellationToken));
        On<OrderRefunded>((told, messageId, cancellationToken) => OnceAsync(
            messageId, told.OrderId, order => emails.RefundedAsync(messageId, order, told.Reason, cancellationToken), cancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        await _reads.DisposeAsync();
        await _notes.DisposeAsync();
    }

    private async Task OnceAsync(Guid messageId, Guid orderId, Func<OrderSummary, Task> sendAsync, CancellationToken cancellationToken)
    {
        var known = await _reads.AddAsync(new Occasion(messageId, orderId), cancellationToken);
        if (known.IsHandled)
        {
            MessagingTelemetry.CountDuplicates(Name, 1);
            return;
        }

        await sendAsync(known.Order ?? throw new InvalidOperationException($"There is no order {orderId} to write about."));
        await _notes.AddAsync(messageId, cancellationToken);
    }

    private async Task<IReadOnlyList<Known>> ReadAsync(IReadOnlyList<Occasion> occasions, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        await using var batch = connection.CreateBatch();
        Inbox.AddLookup(batch, Name, [.. occasions.Select(occasion => occasion.MessageId)]);
        OrderSummary.AddQuery(batch, [.. occasions.Select(occasion => occasion.OrderId)]);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var handled = new HashSet<Guid>();
        while (await reader.ReadAsync(cancellationToken))
            handled.Add(reader.GetGuid(0));
        await reader.NextResultAsync(cancellationToken);
        var orders = await OrderSummary.ReadAsync(reader, cancellationToken);
        return [.. occasions.Select(
            occasion => new Known(handled.Contains(occasion.MessageId), orders.GetValueOrDefault(occasion.OrderId)))];
    }

    private async Task<IReadOnlyList<bool>> NoteAsync(IReadOnlyList<Guid> messageIds, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        await using var batch = connection.CreateBatch();
        Inbox.AddNote(batch, Name, [.. messageIds], _time.GetUtcNow());
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return [.. messageIds.Select(_ => true)];
    }

    /// <summary>Somebody is to be written to.</summary>
    private readonly record struct Occasion(Guid MessageId, Guid OrderId);

    private readonly record struct Known(bool IsHandled, OrderSummary? Order);
}
