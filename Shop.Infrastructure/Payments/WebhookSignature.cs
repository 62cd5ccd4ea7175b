using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Shop.Infrastructure.Payments;

/// <summary>
/// The signature of a webhook call as Stripe makes it: the header <c>t=&lt;Unix seconds&gt;,v1=&lt;hex&gt;[,v1=…]</c>, where each
/// <c>v1</c> is the HMAC-SHA256 of <c>&lt;t&gt;.&lt;body&gt;</c>; there are several while a secret is being replaced
/// (https://docs.stripe.com/webhooks, "Verify manually").
/// </summary>
public static class WebhookSignature
{
    public const string Header = "Stripe-Signature";

    private const string TimeScheme = "t";
    private const string SignatureScheme = "v1";

    /// <summary>The header for a body that is sent at this moment.</summary>
    public static string Create(ReadOnlySpan<byte> body, string secret, DateTimeOffset now)
    {
        var seconds = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"{TimeScheme}={seconds},{SignatureScheme}={Convert.ToHexStringLower(Compute(body, secret, seconds))}";
    }

    /// <param name="header">What the call has in its header.</param>
    /// <param name="body">The body, byte for byte as it was received.</param>
    /// <param name="tolerance">How far its time may lie from now, either way.</param>
    /// <returns>Null when the signature is right, otherwise what is wrong with it.</returns>
    public static string? FindFault(string header, ReadOnlySpan<byte> body, string secret, DateTimeOffset now, TimeSpan tolerance)
    {
        ArgumentNullException.ThrowIfNull(header);
        string? seconds = null;
        var signatures = new List<byte[]>();
        foreach (var part in header.Split(',', StringSplitOptions.TrimEntries))
        {
            if (part.Split('=', 2) is not [var scheme, var value])
                continue;
            if (scheme == TimeScheme)
                seconds = value;
            else if (scheme == SignatureScheme && IsHex(value))
                signatures.Add(Convert.FromHexString(value));
        }

        if (!long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var unix) || signatures.Count == 0)
            return $"The header {Header} must be of the form t=<Unix seconds>,v1=<hex>.";
        var expected = Compute(body, secret, seconds);
        // The time is looked at last: it only means something once the signature over it is known to be right.
        if (!signatures.Any(signature => CryptographicOperations.FixedTimeEquals(signature, expected)))
            return "The signature is wrong.";
        return Math.Abs((decimal)unix - now.ToUnixTimeSeconds()) > (decimal)tolerance.TotalSeconds
            ? "The signature is too old or from the future: the event may be a replay."
            : null;
    }

    private static bool IsHex(string value) => value.Length == SHA256.HashSizeInBytes * 2 && value.All(char.IsAsciiHexDigit);

    private static byte[] Compute(ReadOnlySpan<byte> body, string secret, string seconds)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        hmac.AppendData(Encoding.UTF8.GetBytes($"{seconds}."));
        hmac.AppendData(body);
        return hmac.GetHashAndReset();
    }
}
