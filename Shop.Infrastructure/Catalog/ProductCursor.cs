using System.Buffers.Text;

namespace Shop.Infrastructure.Catalog;

/// <summary>Where a page ended: the sort key and the id of its last product. Keyset paging skips nothing when products come and go.</summary>
public sealed record ProductCursor(string Key, Guid Id)
{
    public override string ToString() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{Id:N}{Key}"));

    public static bool TryParse(string text, out ProductCursor? cursor)
    {
        cursor = null;
        if (!Base64Url.IsValid(text))
            return false;
        var plain = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text));
        if (plain.Length < 32 || !Guid.TryParseExact(plain[..32], "N", out var id) || plain.Contains('\0', StringComparison.Ordinal))
            return false;
        cursor = new ProductCursor(plain[32..], id);
        return true;
    }
}
