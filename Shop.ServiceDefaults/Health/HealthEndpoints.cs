using Shop.ServiceDefaults.Telemetry;

namespace Shop.ServiceDefaults.Health;

/// <summary>Where a process says how it is.</summary>
public static class HealthEndpoints
{
    /// <summary>Ready to serve: every registered check. 200, or 503.</summary>
    public const string Health = "/health";

    /// <summary>The process lives: the checks tagged <see cref="LiveTag"/>. 200, or 503.</summary>
    public const string Alive = "/alive";

    /// <summary>Tag of the checks whose failure only a restart can mend.</summary>
    public const string LiveTag = "live";

    internal static bool IsProbe(string path) =>
        path.Equals(Health, StringComparison.OrdinalIgnoreCase)
        || path.Equals(Alive, StringComparison.OrdinalIgnoreCase)
        || path.Equals(ScrapeEndpoint.Path, StringComparison.OrdinalIgnoreCase);
}
