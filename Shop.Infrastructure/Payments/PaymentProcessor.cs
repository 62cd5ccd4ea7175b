using Shop.Domain;
using Shop.Domain.Payments;

namespace Shop.Infrastructure.Payments;

/// <summary>
/// Moves payments on: asks the provider outside any transaction, then writes what it answered. A crash between the two
/// loses nothing, since whoever comes again asks with the same key and hears the same answer.
/// </summary>
public sealed class PaymentProcessor(PaymentStore store, PaymentGateway gateway)
{
    /// <summary>
    /// Takes the money for an order, or holds it. One that was cancelled while the provider was being asked is asked about
    /// only: whether it took the money is not known here, and if it did, it goes back. What it knows nothing of is left to the
    /// sweeper (<see cref="PaymentReconciliation"/>), and never charged any more.
    /// </summary>
    /// <param name="token">What the provider gave the customer's browser for the card.</param>
    /// <exception cref="PaymentProviderException">The outcome is unknown: try again later.</exception>
    public async Task ChargeAsync(PaymentKey key, Money amount, string token, PaymentSource source, CancellationToken cancellationToken)
    {
        var payment = await store.BeginAsync(key, amount, cancellationToken);
        if (payment.MustGoBack)
            await GiveBackAsync(payment, reason: null, source, cancellationToken);
        else if (payment.Status is PaymentStatus.Pending)
            await SettleAsync(
                new PaymentUpdate(key, await gateway.ChargeAsync(payment, token, cancellationToken), source), cancellationToken);
        else if (payment.Status is PaymentStatus.Cancelling && await gateway.FindAsync(payment, cancellationToken) is { } answer)
            await SettleAsync(new PaymentUpdate(key, answer, source), cancellationToken);
    }

    /// <summary>Takes the money that is held for an order; where none is, nothing happens.</summary>
    /// <inheritdoc cref="ChargeAsync"/>
    public async Task CaptureAsync(Guid orderId, PaymentSource source, CancellationToken cancellationToken)
    {
        if (await store.FindLastAsync(orderId, cancellationToken) is { Status: PaymentStatus.Authorized } payment)
            await SettleAsync(
                new PaymentUpdate(payment.Key, await gateway.CaptureAsync(payment, cancellationToken), source), cancellationToken);
    }

    /// <summary>The order is off: what was taken goes back, what wasn't never will be.</summary>
    /// <param name="reason">Why, as a sentence for the customer.</param>
    /// <inheritdoc cref="ChargeAsync"/>
    public async Task CancelAsync(PaymentKey key, string reason, PaymentSource source, CancellationToken cancellationToken)
    {
        if (await store.SettleAsync(new PaymentUpdate(key, Answer: null, source), cancellationToken) is { MustGoBack: true } payment)
            await GiveBackAsync(payment, reason, source, cancellationToken);
    }

    /// <summary>Writes what became of a charge, and gives the money back when nobody wants it any more.</summary>
    /// <returns>The payment as it stands; null when the order has none.</returns>
    /// <inheritdoc cref="ChargeAsync"/>
    public async Task<Payment?> SettleAsync(PaymentUpdate update, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(update);
        var payment = await store.SettleAsync(update, cancellationToken);
        return payment is { MustGoBack: true } ? await GiveBackAsync(payment, reason: null, update.Source, cancellationToken) : payment;
    }

    /// <summary>Tells the provider to give the money of a payment back, then writes that it has.</summary>
    /// <inheritdoc cref="SettleAsync"/>
    public async Task<Payment?> GiveBackAsync(Payment payment, string? reason, PaymentSource source, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(payment);
        await gateway.RefundAsync(payment, cancellationToken);
        return await store.SettleAsync(
            new PaymentUpdate(
                payment.Key, new ChargeResult(ChargeOutcome.Returned, payment.ProviderReference!, reason ?? "The order was cancelled."),
                source),
            cancellationToken);
    }
}
