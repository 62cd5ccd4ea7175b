using Polly.CircuitBreaker;

namespace Shop.ServiceDefaults.Resilience;

/// <summary>Sends one attempt to one authority, in bounded time and only while the authority isn't known to fail.</summary>
internal sealed class CircuitBreakerHandler(CircuitBreakers breakers) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var authority = request.RequestUri!.Authority;
        try
        {
            return await breakers.Of(authority).ExecuteAsync(
                static async (state, attempt) => await state.Handler.SendOnceAsync(state.Request, attempt), (Handler: this, Request: request), cancellationToken);
        }
        catch (BrokenCircuitException exception)
        {
            throw new CircuitOpenException(authority, exception.RetryAfter, exception);
        }
    }

    private Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken cancellationToken) => base.SendAsync(request, cancellationToken);
}
