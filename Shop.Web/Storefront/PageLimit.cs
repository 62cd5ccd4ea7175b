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
                : RateLimitPartition.Get(Policy, _ => (RateLimiter)new Queue(storefront.Value)));
        });
        return services;
    }

    public static TBuilder RequirePageLimit<TBuilder>(this TBuilder pages)
        where TBuilder : IEndpointConventionBuilder => pages.RequireRateLimiting(Policy);

    /// <summary>What tells that a page can't be had doesn't wait for one.</summary>
    private static bool IsMessage(HttpContext context) => context.Request.Path.StartsWithSegments(ErrorPages.Path);

    /// <summary>Nobody waits for long: pages that take their time, since the API hangs, would add up.</summary>
    private sealed class Queue(StorefrontOptions options) : RateLimiter
    {
        private readonly ConcurrencyLimiter _places = new(
            new ConcurrencyLimiterOptions { PermitLimit = options.MaxPagesAtOnce, QueueLimit = options.MaxPagesWaiting });

        public override TimeSpan? IdleDuration => _places.IdleDuration;

        public override RateLimiterStatistics? GetStatistics() => _places.GetStatistics();

        protected override RateLimitLease AttemptAcquireCore(int permitCount) => _places.AttemptAcquire(permitCount);

        protected override async ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(options.LongestPageWait);
            try
            {
                return await _places.AcquireAsync(permitCount, patience.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return _places.AttemptAcquire(permitCount);
            }
        }

        protected override void Dispose(bool disposing)
        {
            _places.Dispose();
            base.Dispose(disposing);
        }
    }
}
