using System.Net;
using Polly.Timeout;
using Shop.ServiceDefaults.Resilience;

namespace Shop.ServiceDefaults.Discovery;

/// <summary>Sends <c>http://apiservice/…</c> to an endpoint of that service; names that configuration doesn't know are left to DNS.</summary>
internal sealed class ServiceDiscoveryHandler(ServiceDirectory directory) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var asked = request.RequestUri!;
        try
        {
            if (directory.Find(asked) is { } endpoints) return await SendToOneOfAsync(endpoints, request, asked, cancellationToken);

            request.RequestUri = WithPlainScheme(asked);
            return await base.SendAsync(request, cancellationToken);
        }
        finally
        {
            // A retry asks the directory again, and finds another endpoint.
            request.RequestUri = asked;
        }
    }

    private async Task<HttpResponseMessage> SendToOneOfAsync(ServiceEndpoints endpoints, HttpRequestMessage request, Uri asked, CancellationToken cancellationToken)
    {
        for (var tried = 1; ; tried++)
        {
            var endpoint = endpoints.Next();
            request.RequestUri = endpoint.Rebase(asked);
            try
            {
                var response = await base.SendAsync(request, cancellationToken);
                if (response.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout) endpoints.Failed(endpoint);
                else ServiceEndpoints.Answered(endpoint);
                return response;
            }
            catch (HttpRequestException exception)
            {
                endpoints.Failed(endpoint);
                if (!WasNeverSent(exception) || tried >= endpoints.Count) throw;
            }
            catch (TimeoutRejectedException)
            {
                endpoints.Failed(endpoint);
                throw;
            }
        }
    }

    // Whatever its method, a request that never left may go elsewhere.
    private static bool WasNeverSent(HttpRequestException exception) =>
        exception is CircuitOpenException
        || exception.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError;

    private static Uri WithPlainScheme(Uri address)
    {
        var separator = address.Scheme.IndexOf('+', StringComparison.Ordinal);
        if (separator < 0) return address;

        var scheme = address.Scheme[..separator];
        return new UriBuilder(address) { Scheme = scheme, Port = address.Port }.Uri;
    }
}
