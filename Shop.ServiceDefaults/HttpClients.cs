using System.Net.Http.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Timeout;

namespace Shop.ServiceDefaults;

/// <summary>Every client of IHttpClientFactory: time-outs, retries and circuit breaker around an endpoint for each attempt.</summary>
public static partial class HttpClients
{
    /// <summary>
    /// Set on a request that is passed on for somebody else. Its answer is passed back, whatever the status: only what stays
    /// without one is sent again.
    /// </summary>
    public static readonly HttpRequestOptionsKey<bool> IsPassedOn = new("shop.is-passed-on");

    private const string Section = "Resilience";
    private const string IdempotencyKey = "Idempotency-Key";

    /// <summary>An order is a few hundred bytes; what is longer is not worth the memory.</summary>
    private const long MaxKeptBody = 64 * 1024;

    /// <summary>A <c>Retry-After</c> up to this is waited for; with a longer one the answer is the caller's to know.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    internal static void AddHttpClients(this IHostApplicationBuilder builder)
    {
        builder.Services.AddServiceDiscovery();
        builder.Services.AddTransient<EndpointInTurnHandler>();
        builder.Services.AddTransient<WholeMessageHandler>();
        builder.Services.ConfigureHttpClientDefaults(http =>
        {
            // What they would tell of each request is in the traces.
            http.RemoveAllLoggers();
            http.UseSocketsHttpHandler((sockets, _) =>
            {
                // Connections are renewed so that they spread over replicas that came later.
                sockets.PooledConnectionLifetime = TimeSpan.FromMinutes(1);
                sockets.ConnectTimeout = TimeSpan.FromSeconds(2);
                // Kestrel reads headers so. Otherwise what a stranger sends in one would be a request that can't be made.
                sockets.RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8;
            });
            http.AddStandardResilienceHandler().Configure(SetUp);
            http.AddHttpMessageHandler<EndpointInTurnHandler>();
            http.AddHttpMessageHandler<WholeMessageHandler>();
        });
    }

    /// <summary>Whether sending the request twice does no more than sending it once, and can be done.</summary>
    internal static bool MayRepeat(HttpRequestMessage request) =>
        // RFC 9110, 9.2.2, and https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
        (request.Method == HttpMethod.Get || request.Method == HttpMethod.Head || request.Method == HttpMethod.Options
            || request.Method == HttpMethod.Put || request.Method == HttpMethod.Delete
            || (request.Method == HttpMethod.Post && request.Headers.Contains(IdempotencyKey)))
        && request.Content is null or JsonContent or { Headers.ContentLength: <= MaxKeptBody };

    private static void SetUp(HttpStandardResilienceOptions options, IServiceProvider services)
    {
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(HttpClients).FullName!);
        // How many requests there may be at once is said where they come in.
        options.RateLimiter.DefaultRateLimiterOptions.PermitLimit = int.MaxValue;

        // Together nearly a second: a replica that died is out of the way by then.
        options.Retry.MaxRetryAttempts = 4;
        options.Retry.Delay = TimeSpan.FromMilliseconds(50);
        options.Retry.ShouldHandle = attempt => ValueTask.FromResult(MayRepeat(attempt.Outcome, attempt.Context.GetRequestMessage()!));
        options.Retry.OnRetry = attempt =>
        {
            var request = attempt.Context.GetRequestMessage()!;
            logger.CallSentAgain(
                request.Method,
                request.RequestUri?.AbsolutePath,
                attempt.Outcome.Exception?.Message ?? attempt.Outcome.Result?.StatusCode.ToString());
            return ValueTask.CompletedTask;
        };

        // A name stands for several replicas: it is left alone only when all keep everybody waiting. Refusals come at once and
        // a retry finds a replica that lives. What strangers send by the gateway doesn't count: with bodies that come slowly
        // they could close the shop for all.
        options.CircuitBreaker.ShouldHandle = attempt => ValueTask.FromResult(
            attempt.Outcome.Exception is TimeoutRejectedException
            && !attempt.Context.GetRequestMessage()!.Options.TryGetValue(IsPassedOn, out _));
        options.CircuitBreaker.FailureRatio = 0.9;
        options.CircuitBreaker.MinimumThroughput = 20;
        options.CircuitBreaker.BreakDuration = TimeSpan.FromSeconds(2);

        services.GetRequiredService<IConfiguration>().GetSection(Section).Bind(options);
    }

    private static bool MayRepeat(Outcome<HttpResponseMessage> outcome, HttpRequestMessage request)
    {
        if (!HttpClientResiliencePredicates.IsTransient(outcome))
            return false;
        if (outcome.Result is { } answer)
        {
            // Whoever failed over a request fails over it again.
            return answer.StatusCode is not HttpStatusCode.InternalServerError && MayRepeat(request)
                && !request.Options.TryGetValue(IsPassedOn, out _)
                && (answer.Headers.RetryAfter is null || answer.Headers.RetryAfter.Delta <= LongestWait);
        }

        // Whatever its method, a request that never left may go elsewhere.
        return MayRepeat(request) || outcome.Exception is HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError
                or HttpRequestError.NameResolutionError
                or HttpRequestError.SecureConnectionError,
        };
    }

    [LoggerMessage(5002, LogLevel.Information, "{Method} {Path} is sent again: {Reason}")]
    private static partial void CallSentAgain(this ILogger logger, HttpMethod method, string? path, string? reason);
}
