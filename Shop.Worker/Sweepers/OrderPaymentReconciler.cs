using Shop.Domain.Payments;
using Shop.Infrastructure.Ordering;
using Shop.Infrastructure.Payments;

namespace Shop.Worker.Sweepers;

/// <summary>Tells orders what became of their payments, when the event that should have told them got lost.</summary>
internal sealed class OrderPaymentReconciler(PaymentStore store, OrderTransitions orders, ILogger<OrderPaymentReconciler> logger)
{
    /// <param name="orderId">An order that waits for its payment.</param>
    /// <param name="tooLate">Why the order is cancelled when its payment has not come out; null: it may go on waiting.</param>
    /// <returns>Whether the order changed.</returns>
    public async Task<bool> ReconcileAsync(Guid orderId, string? tooLate, CancellationToken cancellationToken)
    {
        var payment = await store.FindLastAsync(orderId, cancellationToken);
        var outcome = payment switch
        {
            { Status: PaymentStatus.Paid or PaymentStatus.Authorized } =>
                await orders.ConfirmAsync(orderId, messageId: null, cancellationToken),
            { Status: PaymentStatus.Refused } => await orders.RefusePaymentAsync(
                orderId, payment.Attempt, payment.Reason ?? "The payment was refused.", messageId: null, cancellationToken),
            { Status: PaymentStatus.Refunded } =>
                await orders.CancelAsync(orderId, CancelCause.PaymentReturned, "The payment was given back.", cancellationToken),
            _ => TransitionOutcome.Unchanged,
        };
        if (outcome is TransitionOutcome.Unchanged && tooLate is not null)
        {
            outcome = payment is { Status: PaymentStatus.Refused, Reason: { } refused }
                ? await orders.CancelAsync(orderId, CancelCause.PaymentRefused, refused, cancellationToken)
                : await orders.CancelAsync(orderId, CancelCause.Expired, tooLate, cancellationToken);
        }

        if (outcome is not TransitionOutcome.Changed)
            return false;
        logger.OrderMovedOn(orderId, payment?.Status.ToString() ?? "not begun");
        return true;
    }

    /// <inheritdoc cref="ReconcileAsync"/>
    /// <returns>How many orders changed.</returns>
    public async Task<int> ReconcileAllAsync(IEnumerable<Guid> orderIds, string? tooLate, CancellationToken cancellationToken) =>
        (await Task.WhenAll(orderIds.Select(orderId => ReconcileAsync(orderId, tooLate, cancellationToken)))).Count(changed => changed);
}
