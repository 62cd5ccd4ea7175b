using System.Diagnostics.Metrics;

namespace Shop.ServiceDefaults.Telemetry;

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
