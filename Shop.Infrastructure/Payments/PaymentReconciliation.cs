using Shop.Domain.Payments;

namespace Shop.Infrastructure.Payments;

/// <summary>For the sweepers: resolves payments that got stuck by asking the provider what became of them.</summary>
public sealed class PaymentReconciliation(PaymentStore store, PaymentGateway gateway, PaymentProcessor processor)
{
    /// <summary>
    /// Asks the provider about a payment and settles it exactly as the answer would have. One that was never
    /// charged stays as it is when its order is still on: whoever asks may then cancel the order, after which the payment is
    /// closed by the next call. Money that turns up later all the same goes back.
    /// </summary>
    /// <exception cref="PaymentProviderException">The provider can't be asked now.</exception>
    public async Task<ReconciledPayment> ResolveAsync(PaymentKey key, CancellationToken cancellationToken)
    {
        var payment = await store.FindAsync(key, cancellationToken);
        switch (payment)
        {
            case null:
                return ReconciledPayment.NotCharged;
            case { MustGoBack: true }:
                await processor.GiveBackAsync(payment, reason: null, PaymentSource.Poll, cancellationToken);
                return ReconciledPayment.Settled;
            case { Status: not (PaymentStatus.Pending or PaymentStatus.Cancelling) }:
                return ReconciledPayment.Settled;
        }

        var answer = await gateway.FindAsync(payment, cancellationToken);
        if (answer is null && payment.Status is PaymentStatus.Pending)
            return ReconciledPayment.NotCharged;
        await processor.SettleAsync(new PaymentUpdate(key, answer ?? ChargeResult.NeverMade, PaymentSource.Poll), cancellationToken);
        return answer?.Outcome is ChargeOutcome.Undecided ? ReconciledPayment.Undecided : ReconciledPayment.Settled;
    }
}

/// <summary>What came of asking about a payment.</summary>
public enum ReconciledPayment
{
    /// <summary>It is where it should end, or was there already; the order hears of it by an event.</summary>
    Settled,

    /// <summary>No money was taken, and the payment still waits for it: the order may be cancelled.</summary>
    NotCharged,

    /// <summary>The provider doesn't know yet: ask again later.</summary>
    Undecided,
}
