using Microsoft.Extensions.DependencyInjection;
using Shop.Domain.Ordering;
using Shop.Infrastructure.Inventory;
using Shop.Infrastructure.Messaging;
using Shop.Infrastructure.Promotions;

namespace Shop.Infrastructure.Ordering;

/// <summary>
/// Moves orders on, each with what follows from it for its stock and for the other modules, in one transaction; transitions
/// that are asked for together are written together (<see cref="TransitionBatch"/>). One that has happened already
/// changes nothing, and so does a message that was handled before.
/// </summary>
public sealed class OrderTransitions : IAsyncDisposable
{
    /// <summary>The Postgres channel on which changes of orders are told; the payload holds the orders' ids.</summary>
    public const string Channel = "order_changed";

    /// <summary>Far more than a process handles at once: whoever asks waits for the answer.</summary>
    private const int Capacity = 10_000;

    private const int MaxBatch = 200;

    /// <summary>Batches lock the same stock rows, so more would mostly wait for each other; the intake is there already.</summary>
    private const int Writers = 1;

    private readonly GroupCommit<OrderCommand, TransitionOutcome> _commits;
    private readonly NpgsqlDataSource _database;
    private readonly StockLevelCache _gate;
    private readonly TimeSpan _payWithin;
    private readonly TimeProvider _time;

    public OrderTransitions(
        [FromKeyedServices(HotPath.Name)] NpgsqlDataSource database, StockLevelCache gate, IOptions<OrderPaymentOptions> options,
        TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_database, _gate, _payWithin, _time) = (database, gate, options.Value.PayWithin, time);
        _commits = new(new GroupCommitOptions(Capacity, MaxBatch, Writers), CommitAsync);
    }

    /// <summary>Paid: the reservation becomes a sale. An order that was cancelled meanwhile stays so; its money goes back.</summary>
    public Task<TransitionOutcome> ConfirmAsync(Guid orderId, Guid? messageId, CancellationToken cancellationToken) =>
        AskAsync(orderId, messageId, (order, now) =>
        {
            if (order.Status is not OrderStatus.Processing)
                return TransitionOutcome.Unchanged;
            order.Confirm(now);
            return TransitionOutcome.Changed;
        }, cancellationToken);

    /// <summary>Refused: the order may be paid in another way for a while, or is off and its stock free.</summary>
    /// <param name="attempt">Which of its payments; what is told of an earlier one changes nothing.</param>
    public Task<TransitionOutcome> RefusePaymentAsync(
        Guid orderId, int attempt, string reason, Guid? messageId, CancellationToken cancellationToken) =>
        AskAsync(orderId, messageId, (order, now) =>
        {
            if (order.Status is not (OrderStatus.Processing or OrderStatus.Cancelled)
                || order.PaymentStatus is not OrderPaymentStatus.Pending || order.PaymentAttempt != attempt)
                return TransitionOutcome.Unchanged;
            order.RefusePayment(reason, _payWithin, now);
            return TransitionOutcome.Changed;
        }, cancellationToken, CancelCause.PaymentRefused);

    /// <summary>The customer pays in another way after a refusal; the order is on its way to be confirmed again.</summary>
    /// <param name="paymentToken">What the provider gave for the card.</param>
    /// <returns><see cref="TransitionOutcome.NotAllowed"/> when it awaits no payment: it is paid, being paid, or over.</returns>
    public Task<TransitionOutcome> PayAgainAsync(Guid orderId, string paymentToken, CancellationToken cancellationToken) =>
        AskAsync(orderId, messageId: null, (order, now) =>
        {
            if (!order.AwaitsPayment || now >= order.PayUntil)
                return TransitionOutcome.NotAllowed;
            order.PayAgain(now);
            return TransitionOutcome.Changed;
        }, cancellationToken, paymentToken: paymentToken);

    /// <summary>Called off before it was paid: its stock is free, and whatever is paid meanwhile goes back.</summary>
    /// <param name="cause">What it is counted by.</param>
    /// <param name="reason">Why, as a sentence for the customer.</param>
    public Task<TransitionOutcome> CancelAsync(Guid orderId, CancelCause cause, string reason, CancellationToken cancellationToken) =>
        AskAsync(orderId, messageId: null, (order, now) =>
        {
            if (!order.CanCancel)
                return order.Status is OrderStatus.Cancelled ? TransitionOutcome.Unchanged : TransitionOutcome.NotAllowed;
            order.Cancel(reason, now);
            return TransitionOutcome.Changed;
        }, cancellationToken, cause);

    /// <summary>Taken back after it was paid: the money goes back, and the pieces too if they are in the house again.</summary>
    /// <param name="restock">Whether the pieces can be sold again: they never left, or were returned.</param>
    public Task<TransitionOutcome> ReturnAsync(Guid orderId, string reason, bool restock, CancellationToken cancellationToken) =>
        AskAsync(orderId, messageId: null, (order, now) =>
        {
            // The parcel may come back long after the money went: then only the pieces are put back.
            if (order.Status is OrderStatus.Refunded)
                return restock ? TransitionOutcome.Changed : TransitionOutcome.Unchanged;
            if (!Order.Next(order.Status).Contains(OrderStatus.Refunded))
                return TransitionOutcome.NotAllowed;
            order.Return(reason, now);
            return TransitionOutcome.Changed;
        }, cancellationToken, restock: restock);

    /// <summary>The money went back.</summary>
    /// <param name="attempt">Which of the order's payments: one that was refused, and paid after all, went back by itself.</param>
    public Task<TransitionOutcome> RefundAsync(Guid orderId, int attempt, Guid? messageId, CancellationToken cancellationToken) =>
        AskAsync(orderId, messageId, (order, now) =>
        {
            if (order.PaymentStatus is OrderPaymentStatus.Refunded || order.PaymentAttempt != attempt || order.AwaitsPayment)
                return TransitionOutcome.Unchanged;
            order.Refund("The payment was refunded.", now);
            return TransitionOutcome.Changed;
        }, cancellationToken);

    /// <summary>Writes what waits, then ends.</summary>
    public ValueTask DisposeAsync() => _commits.DisposeAsync();

    private Task<TransitionOutcome> AskAsync(
        Guid orderId,
        Guid? messageId,
        Func<Order, DateTimeOffset, TransitionOutcome> apply,
        CancellationToken cancellationToken,
        CancelCause? cause = null,
        string? paymentToken = null,
        bool restock = false) =>
        _commits.AddAsync(
            new OrderCommand(orderId, messageId, Activity.Current?.Id, apply, cause, paymentToken, restock), cancellationToken);

    private async Task<IReadOnlyList<TransitionOutcome>> CommitAsync(
        IReadOnlyList<OrderCommand> commands, CancellationToken cancellationToken)
    {
        using var commit = CommitTrace.Start(
            OrderingTelemetry.Source, "transitions commit", commands.Select(command => command.TraceParent));
        var start = _time.GetUtcNow();
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        var batch = new TransitionBatch(commands, _gate, start);
        var outcomes = await batch.CommitAsync(connection, cancellationToken);
        Count(batch);
        for (var index = 0; commit is not null && index < commands.Count; index++)
            CommitTrace.RecordWrite(
                OrderingTelemetry.Source, "write transition", commands[index].TraceParent, start, commands[index].OrderId, commands.Count,
                commit);
        return outcomes;
    }

    private void Count(TransitionBatch batch)
    {
        OrderingTelemetry.Confirmed(batch.Confirmed, _time.GetUtcNow());
        MessagingTelemetry.CountDuplicates(BrokerTopology.OrderingQueue, batch.Duplicates);
        foreach (var cause in batch.Cancelled)
        {
            OrderingTelemetry.Cancelled(cause);
            if (cause is CancelCause.Expired)
                InventoryTelemetry.ReservationExpired();
        }
    }
}

/// <summary>What came of asking an order to move on.</summary>
public enum TransitionOutcome
{
    /// <summary>It did, with all that follows from it.</summary>
    Changed,

    /// <summary>It had already, or the message that asked for it had been handled: nothing changed.</summary>
    Unchanged,

    /// <summary>The rules don't allow it from where the order is.</summary>
    NotAllowed,

    /// <summary>There is no such order.</summary>
    NotFound,
}

/// <summary>What an order was cancelled for, as it is counted; the customer is told in a sentence.</summary>
public enum CancelCause
{
    /// <summary>The customer wanted it.</summary>
    Customer,

    /// <summary>Somebody of the shop called it off.</summary>
    Shop,

    /// <summary>The provider refused the money.</summary>
    PaymentRefused,

    /// <summary>The money went back before the order had heard that it came.</summary>
    PaymentReturned,

    /// <summary>It wasn't paid while its reservation lasted.</summary>
    Expired,
}
