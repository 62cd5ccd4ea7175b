namespace Shop.ApiService.Http;

/// <summary>
/// Keeps the answers that cost the most and that many ask for at once, for a second, in the memory of this process. Of
/// those who come meanwhile one asks the database and the others wait for its answer.
/// </summary>
internal static class ListCache
{
    /// <summary>Less than browsers may keep the same answer for, so nobody sees anything older for it.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(1);

    /// <summary>Some hundreds of answers; whoever asks for something new each time pushes out the oldest.</summary>
    private const long MaxBytes = 16 * 1024 * 1024;

    public static void AddListCache(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOutputCache(cache => cache.SizeLimit = MaxBytes);
        builder.Services.AddSingleton<ListCacheCounts>();
    }

    /// <summary>For GET requests alone; an answer counts for the same query.</summary>
    public static TBuilder KeepForAMoment<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.CacheOutput(policy => policy.Expire(Life).AddPolicy<ListCacheCounts>());
}
