using Yarp.ReverseProxy.Forwarder;

namespace Shop.Web.Gateway;

/// <summary>YARP's client with <see cref="GatewayHandler"/> around its connections.</summary>
internal sealed class GatewayHttpClientFactory(ILogger<ForwarderHttpClientFactory> logger) : ForwarderHttpClientFactory(logger)
{
    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        Configure(handler);
    }

    protected override HttpMessageHandler WrapHandler(ForwarderHttpClientContext context, HttpMessageHandler handler)
    {
        // Each request on a connection of its own.
        var unpooled = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = System.Net.DecompressionMethods.None,
            UseCookies = false,
            EnableMultipleHttp2Connections = true,
            ActivityHeadersPropagator = new ReverseProxyPropagator(System.Diagnostics.DistributedContextPropagator.Current),
        };
        Configure(unpooled);
        unpooled.PooledConnectionLifetime = TimeSpan.Zero;
        return new GatewayHandler(base.WrapHandler(context, handler), unpooled);
    }

    private static void Configure(SocketsHttpHandler handler)
    {
        // Connections are renewed so that they spread over replicas that came later.
        handler.PooledConnectionLifetime = TimeSpan.FromMinutes(1);
        handler.MaxConnectionsPerServer = int.MaxValue;
        handler.ConnectTimeout = TimeSpan.FromSeconds(2);
    }
}
