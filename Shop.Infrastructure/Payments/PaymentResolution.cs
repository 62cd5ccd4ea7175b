using Shop.Domain.Payments;

namespace Shop.Infrastructure.Payments;

/// <summary>For the sweepers: resolves payments that got stuck by asking the provider what became of them.</summary>
public sealed class PaymentResolution(PaymentLedger ledger, PaymentDesk desk, Cashier cashier)
{
    /// <summary>
    /// Asks the provider about a payment and settles it exactly as the answer would have. One that was never
    /// charged stays as it is when its order is still on: whoever asks may then cancel the order, after which the payment is
    /// closed by the next call. Money that turns up later all the same goes back.
    /// </summary>
    /// <exception cref="PaymentProviderException">The provider can't be asked now.</exception>
    public async Task<ResolvedPayment> ResolveAsync(PaymentKey key, CancellationToken cancellationToken)
    {
        var payment = await ledger.FindAsync(key, cancellationToken);
        switch (payment)
        {
            case null:
                return ResolvedPayment.NotCharged;
            case { MustGoBack: true }:
                await cashier.GiveBackAsync(payment, reason: null, PaymentSource.Question, cancellationToken);
                return ResolvedPayment.Settled;
            case { Status: not (PaymentStatus.Pending or PaymentStatus.Cancelling) }:
                return ResolvedPayment.Settled;
        }

        var answer = await desk.FindAsync(payment, cancellationToken);
        if (answer is null && payment.Status is PaymentStatus.Pending)
            return ResolvedPayment.NotCharged;
        await cashier.SettleAsync(new PaymentNote(key, answer ?? ChargeResult.NeverMade, PaymentSource.Question), cancellationToken);
        return answer?.Outcome is ChargeOutcome.Undecided ? ResolvedPayment.Undecided : ResolvedPayment.Settled;
    }
}
