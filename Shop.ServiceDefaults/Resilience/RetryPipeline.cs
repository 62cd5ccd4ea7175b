using System.Net;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Shop.ServiceDefaults.Resilience;

/// <summary>Total timeout around the retries.</summary>
internal sealed class RetryPipeline
{
    private static readonly ResiliencePropertyKey<bool> MayRepeat = new("shop.may-repeat");

    private readonly ResiliencePipeline<HttpResponseMessage> _pipeline;
    private readonly ResilienceOptions _options;
    private readonly TimeProvider _time;

    public RetryPipeline(IOptions<ResilienceOptions> options, TimeProvider time)
    {
        _options = options.Value;
        _time = time;
        var builder = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time }.AddTimeout(_options.TotalTimeout);
        if (_options.MaxRetries > 0) builder.AddRetry(Strategy());
        _pipeline = builder.Build();
    }

    /// <param name="mayRepeat">Whether sending the request twice does no more than sending it once.</param>
    /// <exception cref="HttpRequestException">No attempt was answered in time.</exception>
    public async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, bool mayRepeat, Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> send, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(MayRepeat, mayRepeat);
        try
        {
            return await _pipeline.ExecuteAsync(
                static async (attempt, state) => await state.send(state.request, attempt.CancellationToken), context, (request, send));
        }
        catch (TimeoutRejectedException exception)
        {
            throw new HttpRequestException(
                $"{request.RequestUri?.Authority} did not answer within {exception.Timeout.TotalSeconds:0.##} s.", exception, HttpStatusCode.GatewayTimeout);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private RetryStrategyOptions<HttpResponseMessage> Strategy() => new()
    {
        MaxRetryAttempts = _options.MaxRetries,
        Delay = _options.BaseDelay,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        ShouldHandle = attempt => ValueTask.FromResult(
            attempt.Context.Properties.GetValue(MayRepeat, defaultValue: false) && IsTransient(attempt.Outcome)),
        DelayGenerator = attempt => ValueTask.FromResult(RetryAfter(attempt.Outcome.Result)),
        OnRetry = attempt =>
        {
            attempt.Outcome.Result?.Dispose();
            return ValueTask.CompletedTask;
        },
    };

    private bool IsTransient(Outcome<HttpResponseMessage> outcome) => outcome switch
    {
        // The breaker opened to leave the service alone.
        { Exception: CircuitOpenException } => false,
        { Exception: HttpRequestException or TimeoutRejectedException } => true,
        { Result: { } response } => (CircuitBreakers.IsFailure(response.StatusCode) || response.StatusCode is HttpStatusCode.TooManyRequests)
            && (RetryAfter(response) ?? TimeSpan.Zero) <= _options.MaxRetryAfter,
        _ => false,
    };

    private TimeSpan? RetryAfter(HttpResponseMessage? response)
    {
        var after = response?.Headers.RetryAfter;
        var wait = after?.Delta ?? (after?.Date - _time.GetUtcNow());
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }
}
