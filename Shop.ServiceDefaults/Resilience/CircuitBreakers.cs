using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Shop.ServiceDefaults.Resilience;

/// <summary>One circuit breaker an authority (host and port), shared by all clients of the process.</summary>
internal sealed class CircuitBreakers(IOptions<ResilienceOptions> options, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, ResiliencePipeline<HttpResponseMessage>> _pipelines = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Circuit breaker around the timeout of an attempt.</summary>
    public ResiliencePipeline<HttpResponseMessage> Of(string authority) => _pipelines.GetOrAdd(authority, Build);

    /// <summary>Whether the answer says that the service is in trouble, rather than that the request is wrong.</summary>
    public static bool IsFailure(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout || (status >= HttpStatusCode.InternalServerError && status is not HttpStatusCode.NotImplemented);

    private ResiliencePipeline<HttpResponseMessage> Build(string authority) =>
        new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<HttpResponseMessage>
            {
                FailureRatio = options.Value.FailureRatio,
                MinimumThroughput = options.Value.MinimumThroughput,
                SamplingDuration = options.Value.SamplingDuration,
                BreakDuration = options.Value.BreakDuration,
                ShouldHandle = attempt => ValueTask.FromResult(attempt.Outcome switch
                {
                    { Exception: HttpRequestException or TimeoutRejectedException } => true,
                    { Result: { } response } => IsFailure(response.StatusCode),
                    _ => false,
                }),
            })
            .AddTimeout(options.Value.AttemptTimeout)
            .Build();
}
