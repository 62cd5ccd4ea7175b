using Microsoft.EntityFrameworkCore;
using Shop.Contracts.Events;
using Shop.Domain.Ordering;
using Shop.Infrastructure.Inventory;
using Shop.Infrastructure.Messaging;

namespace Shop.Infrastructure.Ordering;

/// <summary>
/// Moves an order on, with what follows from it for its stock and for the other modules, in the transaction
/// that the caller holds. A transition that has happened already changes nothing.
/// </summary>
public sealed class OrderTransitions(ShopDbContext db, Stock stock, Outbox outbox, TimeProvider time)
{
    /// <summary>The Postgres channel on which a change of an order is told; the payload is the order's id.</summary>
    public const string Channel = "order_changed";

    /// <summary>Paid: the reservation becomes a sale. An order that was cancelled meanwhile stays so; its money goes back.</summary>
    public async Task ConfirmAsync(Guid orderId, CancellationToken cancellationToken)
    {
        var order = await GetAsync(orderId, cancellationToken);
        if (order.Status is not OrderStatus.Processing)
            return;
        order.Confirm(time.GetUtcNow());
        await stock.SellAsync(orderId, cancellationToken);
        await StoreAsync(order, new OrderConfirmed(orderId), cancellationToken);
    }

    /// <summary>Refused: the order is off and its stock free.</summary>
    public async Task RefusePaymentAsync(Guid orderId, string reason, CancellationToken cancellationToken)
    {
        var order = await GetAsync(orderId, cancellationToken);
        if (order.Status is not OrderStatus.Processing)
            return;
        order.RefusePayment(reason, time.GetUtcNow());
        await stock.ReleaseAsync(orderId, cancellationToken);
        await StoreAsync(order, new OrderCancelled(orderId, reason), cancellationToken);
    }

    /// <returns>False when the rules don't allow it any more.</returns>
    public async Task<bool> CancelAsync(Guid orderId, string reason, CancellationToken cancellationToken)
    {
        var order = await GetAsync(orderId, cancellationToken);
        if (!order.CanCancel)
            return order.Status is OrderStatus.Cancelled;
        order.Cancel(reason, time.GetUtcNow());
        await stock.ReleaseAsync(orderId, cancellationToken);
        await StoreAsync(order, new OrderCancelled(orderId, reason), cancellationToken);
        return true;
    }

    /// <summary>The money went back.</summary>
    public async Task RefundAsync(Guid orderId, CancellationToken cancellationToken)
    {
        var order = await GetAsync(orderId, cancellationToken);
        if (order.PaymentStatus is OrderPaymentStatus.Refunded)
            return;
        order.Refund("The payment was refunded.", time.GetUtcNow());
        await StoreAsync(order, cancellationToken);
    }

    private async Task<Order> GetAsync(Guid orderId, CancellationToken cancellationToken)
    {
        // Locked first, so that a customer's cancel and a payment's arrival come one after the other and each sees the last.
        await db.Database.ExecuteSqlAsync($"SELECT 1 FROM ordering.orders WHERE id = {orderId} FOR UPDATE", cancellationToken);
        return await db.Orders.SingleAsync(order => order.Id == orderId, cancellationToken);
    }

    private async Task StoreAsync<TEvent>(Order order, TEvent integrationEvent, CancellationToken cancellationToken)
        where TEvent : IIntegrationEvent
    {
        await outbox.AddAsync(integrationEvent, cancellationToken);
        await StoreAsync(order, cancellationToken);
    }

    private async Task StoreAsync(Order order, CancellationToken cancellationToken)
    {
        await db.SaveChangesAsync(cancellationToken);
        var connection = await db.OpenAsync(cancellationToken);
        await using var notify = connection.Sql("SELECT pg_notify($1, $2)", Channel, order.Id.ToString());
        await notify.ExecuteNonQueryAsync(cancellationToken);
    }
}
