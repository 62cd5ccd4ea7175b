using System.Text.RegularExpressions;

namespace Shop.Domain.Catalog;

/// <summary>Stock keeping unit: the name of what is really sold, one per variant.</summary>
public static partial class Sku
{
    public const int MaxLength = 64;

    /// <summary>Letters, digits, dot, dash, underscore and slash; 1 to 64 of them, no spaces.</summary>
    public static bool IsValid(string? sku) => sku is not null && Pattern().IsMatch(sku);

    [GeneratedRegex(@"^[\p{L}\p{Nd}][\p{L}\p{Nd}._/-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
