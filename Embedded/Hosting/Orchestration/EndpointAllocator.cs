using System.Globalization;
using System.Net.Sockets;
using Embedded.Hosting.Endpoints;

namespace Embedded.Hosting;

/// <summary>Gives every endpoint its port before anything starts, and holds the ports that are fixed.</summary>
internal sealed class EndpointAllocator(bool onlyFreePorts) : IAsyncDisposable
{
    private const int AttemptsForFreePort = 20;

    private readonly Dictionary<EndpointAnnotation, EndpointProxy> _proxies = [];
    private readonly List<int> _freePorts = [];

    /// <exception cref="EmbeddedHostingException">A fixed port is taken, wanted twice or not allowed.</exception>
    public void Allocate(IEnumerable<IResource> resources)
    {
        var fixedPorts = new Dictionary<int, IResource>();
        foreach (var resource in resources)
        {
            foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
            {
                var port = onlyFreePorts ? null : endpoint.Port;
                if (port is { } fixedPort && !fixedPorts.TryAdd(fixedPort, resource))
                {
                    throw new EmbeddedHostingException(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{fixedPorts[fixedPort].Name} and {resource.Name} both want port {fixedPort}. Choose another for one of them: -- --port {resource.Name}={fixedPort + 1000}"));
                }

                var proxied = endpoint.IsProxied && resource is not NativeServerResource;
                endpoint.AllocatedPort = proxied ? BindProxy(resource, endpoint, port) : TakePort(resource, endpoint, port);
            }
        }
    }

    public void Start(EndpointAnnotation endpoint, IReadOnlyList<Backend> replicas) => _proxies[endpoint].Start(replicas);

    public async ValueTask DisposeAsync()
    {
        foreach (var proxy in _proxies.Values)
            await proxy.DisposeAsync();

        foreach (var port in _freePorts)
            FreePorts.Return(port);
    }

    private int BindProxy(IResource resource, EndpointAnnotation endpoint, int? port)
    {
        for (var attempt = 1; ; attempt++)
        {
            var candidate = port ?? TakeFreePort();
            try
            {
                var proxy = EndpointProxy.Bind(candidate);
                _proxies.Add(endpoint, proxy);
                return proxy.Port;
            }
            catch (SocketException) when (port is null && attempt < AttemptsForFreePort)
            {
                // Somebody else took it in between.
            }
            catch (SocketException exception)
            {
                throw Unusable(resource, candidate, exception);
            }
        }
    }

    private int TakePort(IResource resource, EndpointAnnotation endpoint, int? port)
    {
        // A process that callers meet directly listens where it was told to, even if the AppHost said so as its target port.
        var wanted = port ?? (onlyFreePorts ? null : endpoint.TargetPort);
        if (wanted is not { } fixedPort) return TakeFreePort();

        try
        {
            // Taken and given back at once: the process itself will listen on it.
            EndpointProxy.Probe(fixedPort);
        }
        catch (SocketException exception)
        {
            throw Unusable(resource, fixedPort, exception);
        }

        return fixedPort;
    }

    private int TakeFreePort()
    {
        var port = FreePorts.Take();
        _freePorts.Add(port);
        return port;
    }

    private static EmbeddedHostingException Unusable(IResource resource, int port, SocketException exception)
    {
        var choose = resource is ProjectResource or ExecutableResource
            ? string.Create(CultureInfo.InvariantCulture, $"or choose another: -- --port {resource.Name}={(port < 64536 ? port + 1000 : port - 1000)}")
            : "or leave the port out in AppHost.cs, then a free one is taken.";
        return exception.SocketErrorCode switch
        {
            SocketError.AddressAlreadyInUse => new EmbeddedHostingException(string.Create(
                CultureInfo.InvariantCulture, $"Port {port}, which {resource.Name} needs, is taken by another program. End that program, {choose}"), exception),
            SocketError.AccessDenied => new EmbeddedHostingException(string.Create(
                CultureInfo.InvariantCulture, $"Port {port}, which {resource.Name} needs, may not be used by this user (ports below 1024 are reserved). Run as another user, {choose}"), exception),
            _ => new EmbeddedHostingException(string.Create(
                CultureInfo.InvariantCulture, $"Port {port}, which {resource.Name} needs, can't be used: {exception.Message}. Make it usable, {choose}"), exception),
        };
    }
}
