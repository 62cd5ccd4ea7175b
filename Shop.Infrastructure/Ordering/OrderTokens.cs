using System.Buffers.Text;
using System.Security.Cryptography;

namespace Shop.Infrastructure.Ordering;

/// <summary>
/// By its token a guest sees an order: an HMAC-SHA-256 (RFC 2104) of the order's id under a key that only the shop knows,
/// so that nothing has to be stored and no stored token can leak.
/// </summary>
public sealed class OrderTokens(IOptions<OrderingOptions> options)
{
    private readonly byte[] _key = Encoding.UTF8.GetBytes(options.Value.OrderTokenKey);

    /// <returns>43 characters, safe in addresses and headers.</returns>
    public string Create(Guid orderId) => Base64Url.EncodeToString(Sign(orderId));

    public bool IsValid(Guid orderId, string? token)
    {
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        return token is { Length: 43 }
            && Base64Url.IsValid(token)
            && Base64Url.TryDecodeFromChars(token, given, out var length)
            && CryptographicOperations.FixedTimeEquals(given[..length], Sign(orderId));
    }

    private byte[] Sign(Guid orderId) => HMACSHA256.HashData(_key, orderId.ToByteArray(bigEndian: true));
}
