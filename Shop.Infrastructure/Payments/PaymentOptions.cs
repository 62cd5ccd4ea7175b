using System.ComponentModel.DataAnnotations;

namespace Shop.Infrastructure.Payments;

/// <summary>Configuration section <c>Payments</c>.</summary>
public sealed class PaymentOptions : IValidatableObject
{
    [EnumDataType(typeof(PaymentProviderKind), ErrorMessage = "{0} must be Simulated or Stripe.")]
    public PaymentProviderKind Provider { get; set; } = PaymentProviderKind.Simulated;

    [EnumDataType(typeof(PaymentCapture), ErrorMessage = "{0} must be Immediate or OnConfirmation.")]
    public PaymentCapture Capture { get; set; } = PaymentCapture.Immediate;

    /// <summary>How long the provider may take to answer before it is asked again; 1 to 60 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often the provider is asked before the message goes back to its queue to be tried later; 1 to 10.</summary>
    [Range(1, 10)]
    public int Attempts { get; set; } = 3;

    /// <summary>
    /// How many of a hundred questions may be repetitions, so that an outage of the provider isn't multiplied by asking again; 0 to 100.
    /// </summary>
    [Range(0, 100)]
    public int RetryPercent { get; set; } = 20;

    /// <summary>How long the provider is left alone when it keeps failing; 0.5 seconds to 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.500", "00:05:00")]
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How far the time in an event's signature may lie from ours, either way; 1 second to 1 hour. An older event could be a replay.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan WebhookTolerance { get; set; } = TimeSpan.FromMinutes(5);

    public SimulatedPaymentOptions Simulated { get; set; } = new();

    public StripeOptions Stripe { get; set; } = new();

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Provider is PaymentProviderKind.Stripe && string.IsNullOrWhiteSpace(Stripe.SecretKey))
            yield return new("Payments:Stripe:SecretKey is missing: set it to the secret API key of your Stripe account (sk_…).");
        if (Provider is PaymentProviderKind.Stripe && string.IsNullOrWhiteSpace(Stripe.WebhookSecret))
            yield return new("Payments:Stripe:WebhookSecret is missing: set it to the signing secret of your Stripe webhook endpoint "
                + "(whsec_…).");
    }
}

public enum PaymentCapture
{
    /// <summary>The money is taken when the order is paid for.</summary>
    Immediate,

    /// <summary>The money is held when the order is paid for, and taken when the order is confirmed.</summary>
    OnConfirmation,
}

public enum PaymentProviderKind
{
    /// <summary>A payment company to try the shop with; no real money moves.</summary>
    Simulated,

    Stripe,
}

/// <summary>Configuration section <c>Payments:Simulated</c>.</summary>
public sealed class SimulatedPaymentOptions
{
    /// <summary>How long each charge takes; 0 to 60 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan Latency { get; set; }

    /// <summary>What signs the events that the simulated provider sends. Without one nobody can send any.</summary>
    [MinLength(16, ErrorMessage = "{0} is too short: it must be a random secret of at least 16 characters.")]
    public string? WebhookSecret { get; set; }
}

/// <summary>Configuration section <c>Payments:Stripe</c>.</summary>
public sealed class StripeOptions
{
    /// <summary>The secret API key of the account, <c>sk_…</c>.</summary>
    public string? SecretKey { get; set; }

    /// <summary>The signing secret of the webhook endpoint, <c>whsec_…</c>.</summary>
    public string? WebhookSecret { get; set; }

    /// <summary>Where the API is.</summary>
    [Required(ErrorMessage = "{0} is missing.")]
    [Url(ErrorMessage = "{0} must be an address such as https://api.stripe.com.")]
    public string BaseUrl { get; set; } = "https://api.stripe.com";
}
