using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace Shop.ServiceDefaults.Discovery;

/// <summary>
/// Where services are, from configuration: <c>services:{name}:{scheme}:{0, 1, …}</c>, each a URL or <c>host:port</c>.
/// A scheme such as <c>https+http</c> takes the first for which there are endpoints.
/// </summary>
internal sealed class ServiceDirectory : IDisposable
{
    private readonly IConfiguration _configuration;
    private readonly TimeProvider _time;
    private readonly IDisposable _reload;
    private readonly ConcurrentDictionary<(string Scheme, string Host), ServiceEndpoints?> _services = new();

    public ServiceDirectory(IConfiguration configuration, TimeProvider time)
    {
        _configuration = configuration;
        _time = time;
        _reload = ChangeToken.OnChange(configuration.GetReloadToken, _services.Clear);
    }

    /// <summary>The endpoints of the service that the address names; null when configuration knows none.</summary>
    public ServiceEndpoints? Find(Uri address) =>
        // An address with a port is a place, not a name.
        address.IsDefaultPort || address.Port < 0 ? _services.GetOrAdd((address.Scheme, address.Host), Read) : null;

    public void Dispose() => _reload.Dispose();

    private ServiceEndpoints? Read((string Scheme, string Host) service)
    {
        foreach (var scheme in service.Scheme.Split('+'))
        {
            var section = _configuration.GetSection($"services:{service.Host}:{scheme}");
            string?[] values = section.Value is { } single ? [single] : [.. section.GetChildren().Select(child => child.Value)];
            ServiceEndpoint[] endpoints = [.. values.Where(value => !string.IsNullOrWhiteSpace(value)).Select(value => new ServiceEndpoint(Parse(section.Path, scheme, value!)))];
            if (endpoints.Length > 0) return new ServiceEndpoints(endpoints, _time);
        }

        return null;
    }

    private static Uri Parse(string key, string scheme, string value) =>
        Uri.TryCreate(value.Contains("://", StringComparison.Ordinal) ? value : $"{scheme}://{value}", UriKind.Absolute, out var uri)
            ? uri
            : throw new InvalidOperationException($"Configuration {key} says '{value}', which is no address: give a URL such as {scheme}://localhost:8081.");
}
