using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Shop.ServiceDefaults;

/// <summary>What every process of the shop gets, whatever it does.</summary>
public static class Extensions
{
    /// <summary>
    /// Telemetry over OTLP and for Prometheus, health checks, HTTP clients that find services and survive their failures,
    /// problem details for whatever goes wrong, and a shutdown that finishes what is in flight.
    /// </summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.AddReadableLogs();
        builder.AddManagementPort();
        builder.AddTelemetry();
        builder.AddHealth();
        builder.AddHttpClients();
        builder.AddProblems();
        builder.AddGracefulShutdown();
        return builder;
    }

    /// <summary>
    /// Maps <c>/health</c> (ready to serve: every check) and <c>/alive</c> (the process lives: checks tagged <c>live</c>), and
    /// <c>/metrics</c> for Prometheus on the port for management.
    /// </summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        app.MapHealth();
        app.MapMetrics();
        return app;
    }
}
