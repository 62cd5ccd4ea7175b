using Microsoft.Extensions.DependencyInjection;
using Shop.Infrastructure.Ordering;

namespace Shop.Infrastructure.Payments;

/// <summary>Does what a stored event of a provider asks for: settles a payment exactly as the provider's answer would have.</summary>
public sealed class ProviderEventHandler(
    [FromKeyedServices(HotPath.Name)] NpgsqlDataSource database, PaymentStore store, PaymentProcessor processor)
{
    /// <param name="key">Which event.</param>
    /// <param name="messageId">The message that told of it.</param>
    /// <exception cref="Domain.Payments.PaymentProviderException">Money must go back and the provider can't be told now: try again
    /// later.</exception>
    public async Task HandleAsync(ProviderEventKey key, Guid messageId, CancellationToken cancellationToken)
    {
        var source = new PaymentSource(messageId, key);
        var webhookEvent = await FindAsync(key, cancellationToken) is { } told ? PaymentWebhookEvent.Read(told) : null;
        if (webhookEvent is null)
        {
            await store.IgnoreAsync(source, "It says nothing of a payment.", cancellationToken);
            return;
        }

        if ((webhookEvent.Key ?? await store.FindKeyAsync(webhookEvent.Answer.Reference, cancellationToken)) is { } payment)
        {
            OrderingTelemetry.Identify(payment.OrderId);
            await processor.SettleAsync(new PaymentUpdate(payment, webhookEvent.Answer, source), cancellationToken);
        }
        else
        {
            await store.IgnoreAsync(source, "There is no such payment.", cancellationToken);
        }
    }

    private async Task<ProviderEventBody?> FindAsync(ProviderEventKey key, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var query = connection.Sql(
            "SELECT payload FROM payments.provider_events WHERE provider = $1 AND event_id = $2", key.Provider, key.EventId);
        return await query.ExecuteScalarAsync(cancellationToken) is string payload
            ? JsonSerializer.Deserialize(payload, ProviderEventJson.Default.ProviderEventBody)
            : null;
    }
}
