using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Shop.Domain;
using Shop.Domain.Payments;

namespace Shop.Infrastructure.Payments;

/// <summary>
/// Asks the payment provider, with a time limit for each answer and again when the outcome is unknown:
/// the provider takes the same key for the same charge, so asking again never charges twice.
/// </summary>
public sealed class PaymentDesk(IPaymentProvider provider, IOptions<PaymentOptions> options, TimeProvider time, ILogger<PaymentDesk> logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    /// <exception cref="PaymentProviderException">All attempts failed; the outcome is unknown.</exception>
    public Task<ChargeResult> ChargeAsync(Guid orderId, Money amount, string token, CancellationToken cancellationToken) =>
        AskAsync(orderId, attempt => provider.ChargeAsync(orderId.ToString("N"), amount, token, attempt), cancellationToken);

    /// <inheritdoc cref="ChargeAsync"/>
    public Task RefundAsync(Payment payment, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(payment);
        return AskAsync(payment.OrderId, async attempt =>
        {
            await provider.RefundAsync($"refund-{payment.OrderId:N}", payment.ProviderReference!, payment.Amount, attempt);
            return true;
        }, cancellationToken);
    }

    private async Task<TResult> AskAsync<TResult>(Guid orderId, Func<CancellationToken, Task<TResult>> ask, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(options.Value.Timeout);
            try
            {
                return await ask(timeout.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                if (attempt >= options.Value.Attempts)
                    throw new PaymentProviderException($"The payment provider didn't answer within {options.Value.Timeout.TotalSeconds:0.#} s, {attempt} times.");
                logger.LogWarning("The payment provider didn't answer for order {OrderId}; asking again.", orderId);
            }
            catch (PaymentProviderException failure) when (attempt < options.Value.Attempts)
            {
                logger.LogWarning("The payment provider failed for order {OrderId} ({Reason}); asking again.", orderId, failure.Message);
            }

            await Task.Delay(FirstPause * (1 << (attempt - 1)), time, cancellationToken);
        }
    }
}
