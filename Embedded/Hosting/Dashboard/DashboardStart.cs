using System.Globalization;
using Embedded.Dashboard;
using Embedded.Dashboard.Resources;

namespace Embedded.Hosting;

/// <summary>Starts the dashboard and tells the services where their telemetry goes.</summary>
internal static class DashboardStart
{
    /// <summary>The receiver's two ports follow that of the pages.</summary>
    public const int PortsAfterPages = 2;

    /// <summary>Aspire's.</summary>
    private const int DefaultPort = 18888;

    /// <exception cref="EmbeddedHostingException">The port that was asked for is taken.</exception>
    public static async Task<DashboardServer> StartAsync(
        DashboardSettings settings, IDashboardResources resources, TerminalOutput terminal, CancellationToken cancellationToken)
    {
        var options = new DashboardOptions { BrowserToken = settings.BrowserToken, ApiKey = settings.ApiKey };
        if (settings is { IsTest: true, Port: null }) return await DashboardServer.StartAsync(options, resources, cancellationToken);

        var port = settings.Port ?? DefaultPort;
        try
        {
            return await DashboardServer.StartAsync(options with { Port = port, GrpcPort = port + 1, HttpPort = port + PortsAfterPages }, resources, cancellationToken);
        }
        catch (IOException taken) when (settings.Port is not null)
        {
            throw new EmbeddedHostingException(string.Create(
                CultureInfo.InvariantCulture,
                $"The dashboard needs the ports {port} to {port + PortsAfterPages}, and one of them is taken ({taken.Message}). Choose another: -- --Dashboard:Port={port + 1000}"), taken);
        }
        catch (IOException)
        {
            // Nobody asked for just these: another application's dashboard has them.
            terminal.Announce(string.Create(CultureInfo.InvariantCulture, $"Port {DefaultPort} or one of the next two is taken: the dashboard takes others."));
            return await DashboardServer.StartAsync(options, resources, cancellationToken);
        }
    }

    /// <summary>The variables of https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/, as Aspire sets them: people who look want to see at once.</summary>
    public static IReadOnlyDictionary<string, string> EnvironmentFor(DashboardServer dashboard, DashboardSettings settings) => new Dictionary<string, string>
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = dashboard.GrpcUrl.ToString(),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc",
        ["OTEL_EXPORTER_OTLP_HEADERS"] = $"{DashboardServer.KeyHeader}={settings.ApiKey}",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "1000",
        ["OTEL_BLRP_SCHEDULE_DELAY"] = "1000",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "2000",
        // Event ids of log records.
        ["OTEL_DOTNET_EXPERIMENTAL_OTLP_EMIT_EVENT_LOG_ATTRIBUTES"] = "true",
    };
}
