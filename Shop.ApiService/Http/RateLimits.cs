using System.Net.Sockets;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using RedisRateLimiting;
using Shop.Infrastructure.Ordering;
using Shop.ServiceDefaults;
using StackExchange.Redis;

namespace Shop.ApiService.Http;

/// <summary>
/// How many requests a client may send a minute, counted in Redis for all replicas together; while Redis is away each counts for
/// itself. Beyond that it gets 429 with <c>Retry-After</c>, before the request costs anything. Each route group says its class once.
/// </summary>
internal static class RateLimits
{
    /// <summary>Looking is one class, changing something another.</summary>
    public const string Customers = "customers";

    /// <summary>An order is looked at by whoever has its token; who has another one is guessing.</summary>
    public const string Orders = "orders";

    /// <summary>Whoever knows the key is let through; who has another one is guessing.</summary>
    public const string Administration = "administration";

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private enum Kind
    {
        Reads,
        Writes,
        Guesses,
    }

    public static void AddRateLimits(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSettings<RateLimitOptions>("RateLimiting");
        builder.Services.AddRateLimiter(limits =>
        {
            limits.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limits.OnRejected = RefuseAsync;
            limits.AddPolicy(Customers, context => Of(context, IsRead(context) ? Kind.Reads : Kind.Writes));
            limits.AddPolicy(
                Orders, context => Of(context, !KnowsOrder(context) ? Kind.Guesses : IsRead(context) ? Kind.Reads : Kind.Writes));
            limits.AddPolicy(
                Administration, context => AdminAccess.IsKnown(context) ? RateLimitPartition.GetNoLimiter("") : Of(context, Kind.Guesses));
        });
    }

    private static bool IsRead(HttpContext context) =>
        HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);

    private static bool KnowsOrder(HttpContext context) =>
        !Guid.TryParse(context.GetRouteValue("id") as string, out var orderId)
        || context.RequestServices.GetRequiredService<OrderTokens>().IsValid(orderId, context.Request.Headers["Order-Token"]);

    private static RateLimitPartition<string> Of(HttpContext context, Kind kind)
    {
        var (services, options) = (context.RequestServices, context.RequestServices.GetRequiredService<IOptions<RateLimitOptions>>().Value);
        if (!options.Enabled)
            return RateLimitPartition.GetNoLimiter("");
        var permits = kind switch { Kind.Reads => options.Reads, Kind.Writes => options.Writes, _ => options.Guesses };
        return RateLimitPartition.Get($"{kind}:{ClientOf(context)}", client => (RateLimiter)new SharedLimiter(
            client, permits, services.GetRequiredService<IConnectionMultiplexer>(), services.GetRequiredService<ILogger<SharedLimiter>>()));
    }

    /// <summary>Of IPv6 a customer has a whole network (RFC 6177).</summary>
    private static string ClientOf(HttpContext context) => context.Connection.RemoteIpAddress switch
    {
        null => "",
        { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false } address => Convert.ToHexString(
            address.GetAddressBytes().AsSpan(0, 8)),
        var address => address.MapToIPv4().ToString(),
    };

    private static async ValueTask RefuseAsync(OnRejectedContext rejected, CancellationToken cancellationToken)
    {
        var response = rejected.HttpContext.Response;
        response.Headers.RetryAfter = rejected.Lease.TryGetMetadata(SharedLimiter.RetryAfter, out var seconds)
            ? $"{Math.Max(1, seconds)}"
            : $"{Window.TotalSeconds}";
        await TypedResults.Problem(
            statusCode: response.StatusCode, type: Problems.Prefix + "too-many-requests", title: "Too many requests",
            detail: $"That was too much at once: please wait {response.Headers.RetryAfter} seconds.").ExecuteAsync(rejected.HttpContext);
    }

    /// <summary>Counts in Redis, and here while Redis doesn't answer.</summary>
    internal sealed class SharedLimiter(string client, int permits, IConnectionMultiplexer redis, ILogger logger) : RateLimiter
    {
        /// <summary>In seconds.</summary>
        public static readonly MetadataName<int> RetryAfter = RateLimitMetadataName.RetryAfter;

        private readonly RedisFixedWindowRateLimiter<string> _shared = new(
            client,
            new RedisFixedWindowRateLimiterOptions { ConnectionMultiplexerFactory = () => redis, PermitLimit = permits, Window = Window });

        private readonly FixedWindowRateLimiter _own = new(
            new FixedWindowRateLimiterOptions { PermitLimit = permits, Window = Window, AutoReplenishment = true });

        private long _usedAt = Stopwatch.GetTimestamp();

        public override TimeSpan? IdleDuration =>
            Stopwatch.GetElapsedTime(Volatile.Read(ref _usedAt)) is var idle && idle > Window ? idle : null;

        public override RateLimiterStatistics? GetStatistics() => _own.GetStatistics();

        /// <summary>Never without waiting: Redis is asked.</summary>
        protected override RateLimitLease AttemptAcquireCore(int permitCount) => _shared.AttemptAcquire(permitCount);

        protected override async ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken)
        {
            Volatile.Write(ref _usedAt, Stopwatch.GetTimestamp());
            try
            {
                return await _shared.AcquireAsync(permitCount, cancellationToken);
            }
            catch (Exception away) when (away is RedisException or TimeoutException)
            {
                logger.CountedHere(away.Message);
                return _own.AttemptAcquire(permitCount);
            }
        }

        protected override void Dispose(bool disposing)
        {
            _shared.Dispose();
            _own.Dispose();
            base.Dispose(disposing);
        }
    }
}
