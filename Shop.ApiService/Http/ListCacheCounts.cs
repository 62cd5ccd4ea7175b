using Microsoft.AspNetCore.OutputCaching;
using Shop.ServiceDefaults;

namespace Shop.ApiService.Http;

/// <summary>
/// Counts how <see cref="ListCache"/> answers. The cache tells its policies when it serves an answer but not whether it had it
/// or waited for it, so this compares times: who came before the answer was made has waited for it.
/// </summary>
internal sealed class ListCacheCounts(TimeProvider time) : IOutputCachePolicy
{
    private const string CacheName = "lists";

    /// <summary>Two lists that share a place could be taken for one another only within the microseconds of a hit.</summary>
    private const int Places = 1024;

    /// <summary>By list, when an answer was made last.</summary>
    private readonly long[] _madeAt = new long[Places];

    ValueTask IOutputCachePolicy.CacheRequestAsync(OutputCacheContext context, CancellationToken cancellation)
    {
        context.HttpContext.Features.Set(new Arrival(time.GetTimestamp()));
        return ValueTask.CompletedTask;
    }

    ValueTask IOutputCachePolicy.ServeFromCacheAsync(OutputCacheContext context, CancellationToken cancellation)
    {
        var hasWaited = context.HttpContext.Features.Get<Arrival>() is { } arrival && Volatile.Read(ref MadeAt(context)) > arrival.At;
        CachingTelemetry.Count(CacheName, hasWaited ? CacheResult.Coalesced : CacheResult.Hit);
        return ValueTask.CompletedTask;
    }

    ValueTask IOutputCachePolicy.ServeResponseAsync(OutputCacheContext context, CancellationToken cancellation)
    {
        Volatile.Write(ref MadeAt(context), time.GetTimestamp());
        CachingTelemetry.Count(CacheName, CacheResult.Miss);
        return ValueTask.CompletedTask;
    }

    private ref long MadeAt(OutputCacheContext context)
    {
        var request = context.HttpContext.Request;
        var hash = HashCode.Combine(
            (request.Path.Value ?? "").GetHashCode(StringComparison.OrdinalIgnoreCase),
            (request.QueryString.Value ?? "").GetHashCode(StringComparison.OrdinalIgnoreCase));
        return ref _madeAt[(uint)hash % Places];
    }

    /// <summary>When a request came.</summary>
    private sealed record Arrival(long At);
}
