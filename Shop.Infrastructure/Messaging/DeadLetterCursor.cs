using System.Buffers.Binary;
using System.Buffers.Text;

namespace Shop.Infrastructure.Messaging;

/// <summary>Where a page of dead letters ended.</summary>
public sealed record DeadLetterCursor(DateTimeOffset DiedAt, Guid Id)
{
    private const int Size = sizeof(long) + 16;

    /// <returns>32 characters, safe in addresses.</returns>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        BinaryPrimitives.WriteInt64BigEndian(bytes, DiedAt.UtcTicks);
        Id.TryWriteBytes(bytes[sizeof(long)..]);
        return Base64Url.EncodeToString(bytes);
    }

    public static bool TryParse(string text, out DeadLetterCursor? cursor)
    {
        cursor = null;
        if (!Base64Url.IsValid(text, out var length) || length != Size)
            return false;
        var bytes = Base64Url.DecodeFromChars(text).AsSpan();
        var ticks = BinaryPrimitives.ReadInt64BigEndian(bytes);
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks)
            return false;
        cursor = new DeadLetterCursor(new DateTimeOffset(ticks, TimeSpan.Zero), new Guid(bytes[sizeof(long)..]));
        return true;
    }
}
