using Shop.Contracts.Events;
using Shop.Infrastructure.Messaging;

namespace Shop.Infrastructure.Payments;

/// <summary>
/// Receives what providers tell by webhook. An event is stored in one transaction with the message that gets it handled;
/// the same event again changes nothing.
/// </summary>
public sealed class ProviderEvents(NpgsqlDataSource database, IOptions<PaymentOptions> options, TimeProvider time)
{
    /// <summary>Stripe's ids have some thirty characters, and promise never to have more than 255.</summary>
    private const int MaxIdLength = 255;

    /// <param name="signature">The header <see cref="WebhookSignature.Header"/>.</param>
    /// <param name="body">As it was received.</param>
    public async Task<ProviderEventReceipt> ReceiveAsync(
        string provider, string signature, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        if (SecretOf(provider) is not { } secret)
            return new ProviderEventReceipt.UnknownProvider();
        if (WebhookSignature.FindFault(signature, body.Span, secret, time.GetUtcNow(), options.Value.WebhookTolerance) is { } fault)
            return new ProviderEventReceipt.Forged(fault);
        if (Read(body.Span) is not var (key, type, isOfUse))
            return new ProviderEventReceipt.Unreadable();
        await StoreAsync(key, type, isOfUse, Encoding.UTF8.GetString(body.Span), cancellationToken);
        return new ProviderEventReceipt.Stored();

        (ProviderEventKey Key, string Type, bool IsOfUse)? Read(ReadOnlySpan<byte> json)
        {
            try
            {
                var told = JsonSerializer.Deserialize(json, ProviderEventJson.Default.ProviderEventBody);
                return told is { Id: { Length: > 0 and <= MaxIdLength } id, Type: { Length: > 0 } type } && !id.Any(char.IsControl)
                    && !type.Any(char.IsControl)
                    ? (new ProviderEventKey(provider, id), type, PaymentWebhookEvent.Read(told) is not null)
                    : null;
            }
            catch (JsonException)
            {
                // Whoever knows the secret and sends no event is told so.
                return null;
            }
        }
    }

    private async Task StoreAsync(ProviderEventKey key, string type, bool isOfUse, string payload, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var now = time.GetUtcNow();
        await using var store = connection.Sql("""
            INSERT INTO payments.provider_events (provider, event_id, type, payload, received_at, handled_at, outcome)
            VALUES ($1, $2, $3, $4, $5, CASE WHEN $6 THEN NULL ELSE $5 END,
                CASE WHEN $6 THEN NULL ELSE 'ignored: not for this shop to act on' END)
            ON CONFLICT DO NOTHING
            """, key.Provider, key.EventId, type, payload, now, isOfUse);
        if (await store.ExecuteNonQueryAsync(cancellationToken) == 1 && isOfUse)
        {
            await using var tell = connection.CreateBatch();
            Outbox.Add(tell, new ProviderEventReceived(key.Provider, key.EventId), now);
            await tell.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Nobody's events are believed who has no secret; the simulated provider's only where it is the shop's.</summary>
    private string? SecretOf(string provider) => provider switch
    {
        StripePaymentProvider.ProviderName => options.Value.Stripe.WebhookSecret,
        SimulatedPaymentProvider.ProviderName when options.Value.Provider is PaymentProviderKind.Simulated =>
            options.Value.Simulated.WebhookSecret,
        _ => null,
    };
}

/// <param name="EventId">The provider's own id of the event.</param>
public sealed record ProviderEventKey(string Provider, string EventId);

/// <summary>What became of a webhook call.</summary>
public abstract record ProviderEventReceipt
{
    private ProviderEventReceipt()
    {
    }

    /// <summary>The event is stored, now or before.</summary>
    public sealed record Stored : ProviderEventReceipt;

    /// <summary>The shop hears no such provider.</summary>
    public sealed record UnknownProvider : ProviderEventReceipt;

    /// <summary>The signature is missing, wrong, or of another time.</summary>
    public sealed record Forged(string Fault) : ProviderEventReceipt;

    /// <summary>The body is signed, but no event.</summary>
    public sealed record Unreadable : ProviderEventReceipt;
}
