using Microsoft.Extensions.DependencyInjection;
using Shop.Domain;
using Shop.Domain.Payments;

namespace Shop.Infrastructure.Payments;

/// <summary>
/// A payment company to try the shop with. It behaves as its test cards say and keeps books of its own,
/// outside the shop's transactions: what it has charged stays charged, whatever becomes of the one who asked.
/// </summary>
public sealed class SimulatedPaymentProvider(IServiceScopeFactory scopes, TimeProvider time) : IPaymentProvider
{
    private static readonly TimeSpan SlowAnswer = TimeSpan.FromSeconds(3);

    public async Task<ChargeResult> ChargeAsync(string idempotencyKey, Money amount, string token, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var connection = await scope.ServiceProvider.GetRequiredService<ShopDbContext>().OpenAsync(cancellationToken);
        await using var ask = connection.Sql("""
            INSERT INTO simulated_provider.charges AS charge (idempotency_key, amount_minor, currency, times_asked)
            VALUES ($1, $2, $3, 1)
            ON CONFLICT (idempotency_key) DO UPDATE SET times_asked = charge.times_asked + 1
            RETURNING times_asked
            """, idempotencyKey, amount.MinorUnits, amount.Currency.Code);
        var firstTime = (int)(await ask.ExecuteScalarAsync(cancellationToken))! == 1;

        switch (token)
        {
            case "tok_slow" when firstTime:
                await Task.Delay(SlowAnswer, time, cancellationToken);
                break;
            case "tok_timeout" when firstTime:
                await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
                break;
            case "tok_error_once" when firstTime:
                throw new PaymentProviderException("The payment provider answered 500.");
        }

        var refusal = token switch
        {
            "tok_declined" => "The card was declined.",
            "tok_insufficient_funds" => "The card has insufficient funds.",
            "tok_visa" or "tok_slow" or "tok_timeout" or "tok_error_once" => null,
            _ => "The card is not known to the payment provider.",
        };

        // Asked again with the same key, it tells what came of the first time.
        await using var settle = connection.Sql("""
            UPDATE simulated_provider.charges
            SET accepted = coalesce(accepted, $2), reason = coalesce(reason, $3), charged_at = coalesce(charged_at, $4)
            WHERE idempotency_key = $1 RETURNING accepted, reason
            """, idempotencyKey, refusal is null, refusal ?? "", time.GetUtcNow());
        await using var reader = await settle.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return reader.GetBoolean(0)
            ? new ChargeResult(true, $"sim_{idempotencyKey}")
            : new ChargeResult(false, "", reader.GetString(1));
    }

    public async Task RefundAsync(string idempotencyKey, string providerReference, Money amount, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(providerReference);
        await using var scope = scopes.CreateAsyncScope();
        var connection = await scope.ServiceProvider.GetRequiredService<ShopDbContext>().OpenAsync(cancellationToken);
        await using var refund = connection.Sql("""
            UPDATE simulated_provider.charges
            SET refund_key = coalesce(refund_key, $2), refunded_at = coalesce(refunded_at, $3)
            WHERE idempotency_key = $1 AND accepted
            """, providerReference["sim_".Length..], idempotencyKey, time.GetUtcNow());
        if (await refund.ExecuteNonQueryAsync(cancellationToken) == 0)
            throw new PaymentProviderException($"The payment provider knows no charge {providerReference}.");
    }
}
