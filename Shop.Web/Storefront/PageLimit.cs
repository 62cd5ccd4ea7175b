using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace Shop.Web.Storefront;

/// <summary>
/// Pages are made some at a time, the others wait their turn. When a thousand buyers look at their orders in the same second, pages made
/// all at once would be no sooner ready, and whoever still wants to buy would stand behind their thousand questions to the API.
/// </summary>
public static class PageLimit
{
    private const string Policy = "pages";

    public static IServiceCollection AddPageLimit(this IServiceCollection services)
    {
        services.AddRateLimiter(_ => { });
        services.AddOptions<RateLimiterOptions>().Configure<IOptions<StorefrontOptions>>((limiter, storefront) =>
        {
            // Which has a page that says so and when to come again.
            limiter.RejectionStatusCode = StatusCodes.Status503ServiceUnavailable;
            limiter.AddPolicy(Policy, context => IsMessage(context)
                ? RateLimitPartition.GetNoLimiter("messages")
                : RateLimitPartition.GetConcurrencyLimiter("pages", _ => new ConcurrencyLimiterOptions
                {
                    PermitLimit = storefront.Value.MaxPagesAtOnce,
                    QueueLimit = storefront.Value.MaxPagesWaiting,
                }));
        });
        return services;
    }

    public static TBuilder RequirePageLimit<TBuilder>(this TBuilder pages)
        where TBuilder : IEndpointConventionBuilder => pages.RequireRateLimiting(Policy);

    /// <summary>What tells that a page can't be had doesn't wait for one.</summary>
    private static bool IsMessage(HttpContext context) => context.Request.Path.StartsWithSegments(ErrorPages.Path);
}
