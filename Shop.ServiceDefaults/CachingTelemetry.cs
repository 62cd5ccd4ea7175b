using System.Diagnostics.Metrics;

namespace Shop.ServiceDefaults;

/// <summary>What is counted of the caches in the services' own memory; docs/observability.md says what each tells.</summary>
public static class CachingTelemetry
{
    public const string Name = "Shop.Caching";

    private static readonly Counter<long> Requests = new Meter(Name).CreateCounter<long>(
        "shop.cache.requests", "{request}", "What was asked of a cache, and whether it had it.");

    /// <summary>Counts what was asked of a cache.</summary>
    /// <param name="cache">What it is called in the metrics, e.g. <c>lists</c>.</param>
    public static void Count(string cache, CacheResult result) => Requests.Add(
        1,
        new KeyValuePair<string, object?>("shop.cache", cache),
        new KeyValuePair<string, object?>("shop.result", result switch
        {
            CacheResult.Hit => "hit",
            CacheResult.Miss => "miss",
            CacheResult.Coalesced => "coalesced",
            _ => throw new ArgumentOutOfRangeException(nameof(result), result, "This result has no name yet."),
        }));
}

/// <summary>How a cache answered.</summary>
public enum CacheResult
{
    /// <summary>It had the answer.</summary>
    Hit,

    /// <summary>The answer had to be made.</summary>
    Miss,

    /// <summary>Somebody else was making the answer just then, and it was waited for: one of a stampede that didn't happen.</summary>
    Coalesced,
}
