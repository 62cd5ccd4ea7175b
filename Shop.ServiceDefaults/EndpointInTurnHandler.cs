using Microsoft.Extensions.ServiceDiscovery;

namespace Shop.ServiceDefaults;

/// <summary>
/// Sends each attempt of a request to another endpoint of its service, leaving out those that failed lately. The package's
/// own handler takes endpoints in turn for all requests together: under load a retry may meet the dead one again and again.
/// </summary>
internal sealed class EndpointInTurnHandler(ServiceEndpointResolver services, TimeProvider time) : DelegatingHandler
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private static readonly HttpRequestOptionsKey<uint> Turn = new("shop.turn");

    private readonly ConcurrentDictionary<EndPoint, long> _failedAt = new();
    private uint _turns;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var asked = request.RequestUri!;
        // An address with a port is a place, not a name.
        if (!asked.IsDefaultPort && asked.Port >= 0)
            return await base.SendAsync(request, cancellationToken);

        var turn = request.Options.TryGetValue(Turn, out var before) ? before + 1 : Interlocked.Increment(ref _turns);
        request.Options.Set(Turn, turn);
        var source = await services.GetEndpointsAsync($"{asked.Scheme}://{asked.Host}", cancellationToken);
        var endpoint = Choose(source.Endpoints, turn);
        request.RequestUri = At(endpoint, asked);
        try
        {
            var response = await base.SendAsync(request, cancellationToken);
            _failedAt.TryRemove(endpoint, out _);
            return response;
        }
        catch (HttpRequestException)
        {
            _failedAt[endpoint] = time.GetTimestamp();
            throw;
        }
        finally
        {
            request.RequestUri = asked;
        }
    }

    // The next in turn when all have failed: one endpoint may stand for many replicas.
    private EndPoint Choose(IReadOnlyList<ServiceEndpoint> endpoints, uint turn)
    {
        for (uint i = 0; i < endpoints.Count; i++)
        {
            var endpoint = endpoints[(int)((turn + i) % endpoints.Count)].EndPoint;
            if (!_failedAt.TryGetValue(endpoint, out var failedAt) || time.GetElapsedTime(failedAt) >= Pause)
                return endpoint;
        }

        return endpoints[(int)(turn % endpoints.Count)].EndPoint;
    }

    private static Uri At(EndPoint endpoint, Uri asked)
    {
        var scheme = asked.Scheme.Split('+')[0];
        var place = endpoint switch
        {
            UriEndPoint { Uri: var uri } => (uri.Scheme, uri.Host, uri.Port),
            IPEndPoint ip => (scheme, ip.Address.ToString(), ip.Port),
            DnsEndPoint dns => (scheme, dns.Host, dns.Port),
            _ => throw new NotSupportedException($"{endpoint} is no endpoint of HTTP."),
        };
        return new UriBuilder(asked) { Scheme = place.Item1, Host = place.Item2, Port = place.Item3 > 0 ? place.Item3 : -1 }.Uri;
    }
}
