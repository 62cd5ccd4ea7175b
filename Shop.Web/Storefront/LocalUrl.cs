namespace Shop.Web.Storefront;

/// <summary>Addresses of this site that came in with a request.</summary>
public static class LocalUrl
{
    /// <returns>The address if it leads to this site by its path alone; otherwise <see langword="null"/>: an open redirect helps
    /// phishing.</returns>
    public static string? Of(string? url) =>
        url is ['/', ..] and not ['/', '/' or '\\', ..] && !url.Any(char.IsControl) ? url : null;
}
