using System.Security.Cryptography;

namespace Shop.Infrastructure.Messaging;

/// <summary>A message as it died.</summary>
/// <param name="TraceParent">The trace it belongs to.</param>
/// <param name="Reason">Why, as a sentence.</param>
/// <param name="Attempts">How often it was tried.</param>
public sealed record DeadMessage(
    string? MessageId,
    string Queue,
    string Type,
    byte[] Payload,
    string? TraceParent,
    string Reason,
    int Attempts,
    DateTimeOffset? FirstFailedAt,
    DateTimeOffset DiedAt)
{
    /// <summary>Made of the message and its queue, so that one death that is told twice is still one.</summary>
    public Guid Id { get; } = IdOf(MessageId, Queue, Payload);

    private static Guid IdOf(string? messageId, string queue, byte[] payload)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{queue}\n{messageId}\n"));
        // The id says which message it is; without one its content must.
        if (messageId is null)
            hash.AppendData(payload);
        Span<byte> id = hash.GetHashAndReset().AsSpan(0, 16);
        // Version 8, variant 10: a UUID of one's own making (RFC 9562, section 5.8).
        id[6] = (byte)((id[6] & 0x0F) | 0x80);
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        return new Guid(id, bigEndian: true);
    }
}
