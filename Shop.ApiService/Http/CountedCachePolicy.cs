using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.OutputCaching;

namespace Shop.ApiService.Http;

/// <summary>Counts what the output cache answered and what had to be made; who waited for another's answer counts as a hit.</summary>
[SuppressMessage("Performance", "CA1812", Justification = "The output cache makes it.")]
internal sealed class CountedCachePolicy : IOutputCachePolicy
{
    private static readonly Counter<long> Requests = new Meter("Shop.Caching").CreateCounter<long>(
        "shop.cache.requests", "{request}", "Requests to a cache, by cache and by result: hit or miss.");

    public ValueTask CacheRequestAsync(OutputCacheContext context, CancellationToken cancellation) => ValueTask.CompletedTask;

    public ValueTask ServeFromCacheAsync(OutputCacheContext context, CancellationToken cancellation) => Count("hit");

    public ValueTask ServeResponseAsync(OutputCacheContext context, CancellationToken cancellation) => Count("miss");

    private static ValueTask Count(string result)
    {
        Requests.Add(1, new KeyValuePair<string, object?>("shop.cache", "lists"), new KeyValuePair<string, object?>("shop.result", result));
        return ValueTask.CompletedTask;
    }
}
