using Shop.Domain;
using Shop.Domain.Payments;

namespace Shop.Infrastructure.Payments;

/// <summary>What an event of a provider says about a payment of the shop.</summary>
/// <param name="Key">Which payment, where the provider was told; otherwise the answer's reference says it.</param>
internal sealed record PaymentWebhookEvent(PaymentKey? Key, ChargeResult Answer)
{
    /// <summary>The metadata in which the provider keeps the payment's key, which begins with the order's id.</summary>
    public const string OrderIdField = "order_id";

    private static readonly string[] TypesOfUse =
    [
        "payment_intent.succeeded", "payment_intent.amount_capturable_updated", "payment_intent.payment_failed", "payment_intent.canceled",
        "charge.refunded",
        "payment.succeeded", "payment.authorized", "payment.failed", "payment.refunded",
    ];

    /// <returns>Null when the shop has no use for the event.</returns>
    /// <exception cref="JsonException">It is of a type that the shop has use for, but not of that type's shape.</exception>
    public static PaymentWebhookEvent? Read(ProviderEventBody body)
    {
        if (!TypesOfUse.Contains(body.Type))
            return null;
        if (body.Data?.Object is not { ValueKind: JsonValueKind.Object } stated
            || stated.Deserialize(ProviderEventJson.Default.ProviderEventObject) is not { Id: { Length: > 0 } id } about
            || id.Any(char.IsControl) || about.PaymentIntent?.Any(char.IsControl) is true)
            throw new JsonException("data.object has no id that a provider could have given.");
        ChargeResult? answer = body.Type switch
        {
            "payment_intent.succeeded" or "payment.succeeded" => new(ChargeOutcome.Captured, id, Amount: Amount(about)),
            "payment_intent.amount_capturable_updated" or "payment.authorized" => new(ChargeOutcome.Authorized, id, Amount: Amount(about)),
            "payment_intent.payment_failed" =>
                new(ChargeOutcome.Refused, id, StripeRefusal.Sentence(about.LastPaymentError?.DeclineCode ?? about.LastPaymentError?.Code)),
            "payment.failed" => new(ChargeOutcome.Refused, id, about.FailureMessage ?? "The payment was refused."),
            "payment_intent.canceled" => new(ChargeOutcome.Returned, id, "The payment was cancelled at the payment provider."),
            // Also sent when a part of the money was given back; the shop's business is only with the whole.
            "charge.refunded" when about is { Refunded: true, PaymentIntent: { } intent } =>
                new(ChargeOutcome.Returned, intent, "The payment was given back."),
            "payment.refunded" => new(ChargeOutcome.Returned, id, "The payment was given back."),
            _ => null,
        };
        var key = PaymentKey.TryParse(about.Metadata?.GetValueOrDefault(OrderIdField), out var parsed) ? parsed : (PaymentKey?)null;
        return answer is null ? null : new PaymentWebhookEvent(key, answer);
    }

    private static Money? Amount(ProviderEventObject about) =>
        about is { Amount: >= 0 and { } amount, Currency: { Length: 3 } currency } && currency.All(char.IsAsciiLetter)
            ? new Money(amount, new Currency(currency))
            : null;
}
