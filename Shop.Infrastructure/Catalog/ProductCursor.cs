using System.Buffers.Text;

namespace Shop.Infrastructure.Catalog;

/// <summary>
/// Where a page ended: the sort key and the id of its last product. Keyset paging skips nothing when products come and go.
/// </summary>
/// <param name="Key">What the list is sorted by, as Postgres writes and reads it.</param>
public sealed record ProductCursor(string Key, Guid Id)
{
    public override string ToString() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{Id:N}{Key}"));

    /// <summary>
    /// Strict, since strangers type cursors too: a key comes through only as a value of the sort order's own type, written anew.
    /// </summary>
    public static bool TryParse(string text, ProductSort sort, out ProductCursor? cursor)
    {
        cursor = null;
        if (!Base64Url.IsValid(text))
            return false;
        var plain = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text));
        if (plain.Length < 32 || !Guid.TryParseExact(plain[..32], "N", out var id) || Value(plain[32..], sort) is not { } key)
            return false;
        cursor = new ProductCursor(key, id);
        return true;
    }

    private static string? Value(string key, ProductSort sort)
    {
        var invariant = CultureInfo.InvariantCulture;
        return sort switch
        {
            ProductSort.Name => key.Contains('\0', StringComparison.Ordinal) ? null : key,
            ProductSort.PriceAscending or ProductSort.PriceDescending =>
                long.TryParse(key, NumberStyles.AllowLeadingSign, invariant, out var minor) ? minor.ToString(invariant) : null,
            ProductSort.Rating => decimal.TryParse(key, NumberStyles.AllowDecimalPoint, invariant, out var rating)
                ? rating.ToString(invariant)
                : null,
            ProductSort.Relevance =>
                float.TryParse(key, NumberStyles.Float, invariant, out var rank) && float.IsFinite(rank) ? rank.ToString(invariant) : null,
            _ => DateTimeOffset.TryParse(key, invariant, DateTimeStyles.AssumeUniversal, out var at)
                ? at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.ffffff+00", invariant)
                : null,
        };
    }
}
