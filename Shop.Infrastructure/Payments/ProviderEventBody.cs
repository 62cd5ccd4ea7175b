using System.Text.Json.Serialization;

namespace Shop.Infrastructure.Payments;

/// <summary>
/// An event as Stripe sends it (https://docs.stripe.com/api/events/object), and the simulated provider too. Of its many fields
/// these few are read here: they are the same in all versions of the API, of which a webhook may speak another than its client.
/// </summary>
internal sealed record ProviderEventBody(string? Id, string? Type, ProviderEventData? Data);

/// <param name="Object">As many shapes as there are types of events.</param>
internal sealed record ProviderEventData(JsonElement Object);

/// <summary>What an event is about: a payment intent, or a charge with the payment intent it belongs to.</summary>
internal sealed record ProviderEventObject(
    string? Id,
    string? PaymentIntent,
    bool? Refunded,
    long? Amount,
    string? Currency,
    IReadOnlyDictionary<string, string>? Metadata,
    ProviderEventError? LastPaymentError,
    string? FailureMessage);

/// <summary>https://docs.stripe.com/api/errors</summary>
internal sealed record ProviderEventError(string? Code, string? DeclineCode);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ProviderEventBody))]
[JsonSerializable(typeof(ProviderEventObject))]
internal sealed partial class ProviderEventJson : JsonSerializerContext;
