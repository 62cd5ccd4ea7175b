using Stripe;

namespace Shop.Infrastructure.Payments;

/// <summary>
/// The signature of a webhook call as Stripe makes it: the header <c>t=&lt;Unix seconds&gt;,v1=&lt;hex&gt;[,v1=…]</c>, where each
/// <c>v1</c> is the HMAC-SHA256 of <c>&lt;t&gt;.&lt;body&gt;</c>; there are several while a secret is being replaced
/// (https://docs.stripe.com/webhooks, "Verify manually").
/// </summary>
public static class WebhookSignature
{
    public const string Header = "Stripe-Signature";

    /// <param name="header">What the call has in its header.</param>
    /// <param name="body">The body, byte for byte as it was received.</param>
    /// <param name="tolerance">How far its time may lie from now, either way.</param>
    /// <returns>Null when the signature is right, otherwise what is wrong with it.</returns>
    public static string? FindFault(string header, ReadOnlySpan<byte> body, string secret, DateTimeOffset now, TimeSpan tolerance)
    {
        try
        {
            EventUtility.ValidateSignature(
                Encoding.UTF8.GetString(body), header, secret, (long)tolerance.TotalSeconds, now.ToUnixTimeSeconds());
            return null;
        }
        catch (Exception fault) when (fault is StripeException or FormatException or OverflowException)
        {
            return fault.Message;
        }
    }
}
