using System.Text.Json;
using System.Text.Json.Serialization;

namespace Shop.Infrastructure.Payments;

/// <summary>What the shop reads of Stripe's JSON: snake_case, and far more fields than these.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(StripePaymentIntent))]
[JsonSerializable(typeof(StripeSearchResult))]
[JsonSerializable(typeof(StripeFailure))]
[JsonSerializable(typeof(ProviderEventBody))]
[JsonSerializable(typeof(ProviderEventObject))]
internal sealed partial class StripeJson : JsonSerializerContext;

/// <summary>https://docs.stripe.com/api/payment_intents/object</summary>
internal sealed record StripePaymentIntent(string Id, string Status, StripeError? LastPaymentError, long Created);

/// <summary>https://docs.stripe.com/api/payment_intents/search</summary>
internal sealed record StripeSearchResult(IReadOnlyList<StripePaymentIntent> Data);

internal sealed record StripeFailure(StripeError? Error);

/// <summary>https://docs.stripe.com/api/errors</summary>
internal sealed record StripeError(string? Type, string? Code, string? DeclineCode, string? Message, string? Param);

/// <summary>
/// An event as Stripe sends it (https://docs.stripe.com/api/events/object); the simulated provider's look the same.
/// </summary>
internal sealed record ProviderEventBody(string? Id, string? Type, ProviderEventData? Data);

/// <param name="Object">As many shapes as there are types of events.</param>
internal sealed record ProviderEventData(JsonElement Object);

/// <summary>What an event is about: a payment intent, or a charge with the payment intent it belongs to.</summary>
internal sealed record ProviderEventObject(
    string? Id, string? PaymentIntent, bool? Refunded, IReadOnlyDictionary<string, string>? Metadata, StripeError? LastPaymentError, string? FailureMessage);
