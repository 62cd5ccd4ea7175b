using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Shop.ServiceDefaults.Telemetry;

/// <summary>Starts collecting before the first service starts, and sends what is left after the last one has stopped.</summary>
internal sealed class TelemetryLifetime(IServiceProvider services) : IHostedLifecycleService
{
    // A collector that is gone must not hold up the shutdown.
    private const int FlushMilliseconds = 2_000;

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        // The providers listen from the moment they exist; the container disposes of them at the very end.
        services.GetRequiredService<MeterProvider>();
        services.GetService<TracerProvider>();
        services.GetService<LoggerProvider>();
        return Task.CompletedTask;
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.WhenAll(
        Task.Run(() => services.GetService<TracerProvider>()?.ForceFlush(FlushMilliseconds), CancellationToken.None),
        Task.Run(() => services.GetRequiredService<MeterProvider>().ForceFlush(FlushMilliseconds), CancellationToken.None),
        Task.Run(() => services.GetService<LoggerProvider>()?.ForceFlush(FlushMilliseconds), CancellationToken.None));

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
