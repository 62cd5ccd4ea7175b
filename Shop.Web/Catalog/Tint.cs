namespace Shop.Web.Catalog;

/// <summary>The soft colour behind a product's picture: one for each category, the same on every page.</summary>
public static class Tint
{
    private const uint Tints = 6;

    /// <returns>A class of <c>app.css</c>.</returns>
    public static string Of(string slug)
    {
        // FNV-1a, because string.GetHashCode differs from process to process, and so would the replicas.
        var hash = 2166136261u;
        foreach (var character in slug)
            hash = (hash ^ character) * 16777619u;
        // The upper bits are mixed best.
        return $"tint-{(hash >> 5) % Tints}";
    }
}
