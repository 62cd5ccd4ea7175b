using Microsoft.EntityFrameworkCore;
using Shop.Contracts.Events;
using Shop.Domain;
using Shop.Domain.Payments;
using Shop.Infrastructure;
using Shop.Infrastructure.Messaging;
using Shop.Infrastructure.Payments;
using Shop.Worker.Messaging;

namespace Shop.Worker.Payments;

/// <summary>
/// Takes the money for placed orders and gives it back for cancelled ones. The provider is asked outside any
/// transaction, by a key that makes asking twice charge once; what it answered is stored with the event that tells it.
/// </summary>
internal sealed class PaymentsConsumer : EventConsumer
{
    private const string Name = BrokerTopology.PaymentsQueue;

    private readonly Inbox _inbox;
    private readonly PaymentDesk _desk;
    private readonly TimeProvider _time;
    private readonly IServiceScopeFactory _scopes;

    public PaymentsConsumer(Inbox inbox, PaymentDesk desk, IServiceScopeFactory scopes, TimeProvider time)
    {
        (_inbox, _desk, _scopes, _time) = (inbox, desk, scopes, time);
        On<OrderPlaced>(ChargeAsync);
        On<OrderCancelled>(GiveBackAsync);
    }

    private async Task ChargeAsync(OrderPlaced order, Guid messageId, CancellationToken cancellationToken)
    {
        var amount = new Money(order.Total.Amount, new Currency(order.Total.Currency));
        if (!await IsWantedAsync(order.OrderId, amount, cancellationToken))
            return;

        var charge = await _desk.ChargeAsync(order.OrderId, amount, order.PaymentToken, cancellationToken);
        await _inbox.OnceAsync(Name, messageId, async (services, ct) =>
        {
            var payment = await LockAsync(services.GetRequiredService<ShopDbContext>(), order.OrderId, ct);
            var outbox = services.GetRequiredService<Outbox>();
            if (!charge.Accepted)
            {
                payment.Refuse(charge.Reason!, _time.GetUtcNow());
                await outbox.AddAsync(new PaymentRefused(order.OrderId, payment.Id, charge.Reason!), ct);
            }
            else if (payment.Take(charge.Reference, _time.GetUtcNow()))
            {
                await RefundAsync(payment, outbox, ct);
            }
            else
            {
                await outbox.AddAsync(new PaymentSucceeded(order.OrderId, payment.Id, order.Total), ct);
            }
        }, cancellationToken);
    }

    private Task GiveBackAsync(OrderCancelled order, Guid messageId, CancellationToken cancellationToken) =>
        _inbox.OnceAsync(Name, messageId, async (services, ct) =>
        {
            var db = services.GetRequiredService<ShopDbContext>();
            await StoreAsync(db, Payment.NeverStarted(order.OrderId, _time.GetUtcNow()), ct);
            var payment = await LockAsync(db, order.OrderId, ct);
            if (payment.Cancel(_time.GetUtcNow()))
                await RefundAsync(payment, services.GetRequiredService<Outbox>(), ct);
        }, cancellationToken);

    /// <summary>Gives the money back within the transaction; if that fails after the provider has, asking it again changes nothing there.</summary>
    private async Task RefundAsync(Payment payment, Outbox outbox, CancellationToken cancellationToken)
    {
        await _desk.RefundAsync(payment, cancellationToken);
        payment.Refund(_time.GetUtcNow());
        await outbox.AddAsync(
            new PaymentRefunded(payment.OrderId, payment.Id, new Contracts.Money(payment.Amount.MinorUnits, payment.Amount.Currency.Code)), cancellationToken);
    }

    /// <summary>
    /// Notes that a payment is under way, unless its order was cancelled before it began. One that was cancelled while
    /// the provider was being asked is asked about again: whether it took the money is not known here.
    /// </summary>
    private async Task<bool> IsWantedAsync(Guid orderId, Money amount, CancellationToken cancellationToken)
    {
        await using var scope = _scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ShopDbContext>();
        await StoreAsync(db, Payment.Start(orderId, amount, _time.GetUtcNow()), cancellationToken);
        return await db.Payments.AsNoTracking().AnyAsync(
            payment => payment.OrderId == orderId && (payment.Status == PaymentStatus.Pending || payment.Status == PaymentStatus.Cancelling),
            cancellationToken);
    }

    /// <summary>Stores a payment unless its order has one.</summary>
    private static Task StoreAsync(ShopDbContext db, Payment payment, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"""
            INSERT INTO payments.payments (id, order_id, amount_minor, currency, status, updated_at)
            VALUES ({payment.Id}, {payment.OrderId}, {payment.Amount.MinorUnits}, {payment.Amount.Currency.Code}, {payment.Status.ToString()}, {payment.UpdatedAt})
            ON CONFLICT (order_id) DO NOTHING
            """, cancellationToken);

    private static async Task<Payment> LockAsync(ShopDbContext db, Guid orderId, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlAsync($"SELECT 1 FROM payments.payments WHERE order_id = {orderId} FOR UPDATE", cancellationToken);
        return await db.Payments.SingleAsync(payment => payment.OrderId == orderId, cancellationToken);
    }
}
