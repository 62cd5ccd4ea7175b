using Embedded.Dashboard.Resources;

namespace Embedded.Hosting;

/// <summary>Keeps secrets out of what the dashboard shows: they never leave this process.</summary>
/// <param name="secrets">What must not be seen, wherever it stands.</param>
internal sealed class SecretMask(IEnumerable<string> secrets)
{
    private const string Dots = "••••••••";

    /// <summary>Shorter ones would dot out half the page.</summary>
    private const int ShortestSecret = 6;

    // Longest first: one may hold another.
    private readonly string[] _secrets = [.. secrets.Where(secret => secret.Length >= ShortestSecret).SelectMany(secret => new[] { secret, Uri.EscapeDataString(secret) }).Distinct().OrderByDescending(secret => secret.Length)];

    private static readonly string[] SecretNames = ["KEY", "SECRET", "PASSWORD", "TOKEN"];

    public DashboardVariable Show(string name, string value)
    {
        var shown = SecretNames.Any(end => name.EndsWith(end, StringComparison.OrdinalIgnoreCase)) && value.Length > 0
            ? Dots
            : _secrets.Aggregate(value, (text, secret) => text.Replace(secret, Dots, StringComparison.Ordinal));
        return new DashboardVariable(name, shown, shown != value);
    }
}
