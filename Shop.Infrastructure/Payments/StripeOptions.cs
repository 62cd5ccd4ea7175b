using System.ComponentModel.DataAnnotations;

namespace Shop.Infrastructure.Payments;

/// <summary>Configuration section <c>Payments:Stripe</c>.</summary>
public sealed class StripeOptions
{
    /// <summary>The secret API key of the account, <c>sk_…</c>.</summary>
    public string? SecretKey { get; set; }

    /// <summary>The signing secret of the webhook endpoint, <c>whsec_…</c>.</summary>
    public string? WebhookSecret { get; set; }

    /// <summary>Where the API is.</summary>
    [Required(ErrorMessage = "Payments:Stripe:BaseUrl is missing.")]
    [Url(ErrorMessage = "Payments:Stripe:BaseUrl must be an address such as https://api.stripe.com.")]
    public string BaseUrl { get; set; } = "https://api.stripe.com";
}
