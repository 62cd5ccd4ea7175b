using System.Net;
using Embedded.Dashboard.Otlp;
using Embedded.Dashboard.Pages;
using Embedded.Dashboard.Resources;
using Embedded.Dashboard.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Embedded.Dashboard;

/// <summary>
/// The developer's view of a running application: its resources, and the telemetry they send. On the loopback interface only;
/// on three ports, because without TLS a port speaks either HTTP/1.1 or gRPC's HTTP/2.
/// </summary>
public sealed class DashboardServer : IAsyncDisposable
{
    /// <summary>The header in which senders of telemetry show the key; as Aspire's dashboard calls it.</summary>
    public const string KeyHeader = "x-otlp-api-key";

    private readonly WebApplication _pages;
    private readonly WebApplication _receiver;

    private DashboardServer(WebApplication pages, WebApplication receiver, string browserToken)
    {
        (_pages, _receiver) = (pages, receiver);
        Url = new Uri($"http://localhost:{PortsOf(pages)[0]}");
        LoginUrl = new Uri(Url, $"/login?t={browserToken}");
        (GrpcUrl, HttpUrl) = (new Uri($"http://127.0.0.1:{PortsOf(receiver)[0]}"), new Uri($"http://127.0.0.1:{PortsOf(receiver)[1]}"));
    }

    /// <summary>The pages.</summary>
    public Uri Url { get; }

    /// <summary>The pages, with what lets a browser in.</summary>
    public Uri LoginUrl { get; }

    /// <summary>For <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> with the protocol <c>grpc</c>.</summary>
    public Uri GrpcUrl { get; }

    /// <summary>For <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> with the protocol <c>http/protobuf</c>.</summary>
    public Uri HttpUrl { get; }

    /// <exception cref="IOException">A port is taken.</exception>
    public static Task<DashboardServer> StartAsync(DashboardOptions options, IDashboardResources resources, CancellationToken cancellationToken) =>
        StartAsync(options, resources, TelemetryLimits.Default, cancellationToken);

    internal static async Task<DashboardServer> StartAsync(
        DashboardOptions options, IDashboardResources resources, TelemetryLimits limits, CancellationToken cancellationToken)
    {
        var store = new TelemetryStore(TimeProvider.System, limits);
        var pages = Pages(options, resources, store);
        var receiver = Receiver(options, store);
        try
        {
            await pages.StartAsync(cancellationToken);
            await receiver.StartAsync(cancellationToken);
            return new DashboardServer(pages, receiver, options.BrowserToken);
        }
        catch
        {
            await pages.DisposeAsync();
            await receiver.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _pages.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    private static WebApplication Pages(DashboardOptions options, IDashboardResources resources, TelemetryStore store)
    {
        var pages = Builder(kestrel => kestrel.Listen(IPAddress.Loopback, options.Port, listen => listen.Protocols = HttpProtocols.Http1)).Build();
        var token = new BrowserToken(options.BrowserToken);
        pages.UsePageGuard(token);
        pages.UseRouting();
        pages.MapStaticPages(token);
        pages.MapDashboardApi(resources, store, TimeProvider.System);
        return pages;
    }

    private static WebApplication Receiver(DashboardOptions options, TelemetryStore store)
    {
        var builder = Builder(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = OtlpBody.MaxBytes;
            kestrel.Listen(IPAddress.Loopback, options.GrpcPort, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(IPAddress.Loopback, options.HttpPort, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddSingleton(_ => new OtlpReceiver(store, options.ApiKey));
        var receiver = builder.Build();
        receiver.UseRouting();
        receiver.Services.GetRequiredService<OtlpReceiver>().Map(receiver);
        return receiver;
    }

    private static WebApplicationBuilder Builder(Action<KestrelServerOptions> listen)
    {
        // Nothing of the defaults is wanted: the AppHost's configuration and console are its own.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.Services.AddRouting();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            listen(kestrel);
        });
        return builder;
    }

    private static int[] PortsOf(WebApplication application) =>
        [.. application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address).Port)];
}
