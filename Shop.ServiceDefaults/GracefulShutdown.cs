using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Shop.ServiceDefaults;

/// <summary>Configuration section <c>Shutdown</c>.</summary>
internal sealed class ShutdownOptions
{
    /// <summary>How long what is in flight may take to finish after SIGTERM.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long new requests are still served after SIGTERM while <c>/health</c> already answers 503: the time a balancer
    /// needs to notice.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan Drain { get; set; } = TimeSpan.FromSeconds(1);
}

internal static class ShutdownExtensions
{
    public static void AddGracefulShutdown(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSettings<ShutdownOptions>("Shutdown");
        builder.Services.AddOptions<HostOptions>()
            .Configure<IOptions<ShutdownOptions>>((host, shutdown) => host.ShutdownTimeout = shutdown.Value.Timeout + shutdown.Value.Drain);
        builder.Services.AddHostedService<GracefulShutdown>();
    }
}

/// <summary>
/// Keeps the server listening for a moment after the process was told to stop, and sends the last telemetry when all has stopped.
/// </summary>
internal sealed class GracefulShutdown(
    IServiceProvider services, IHostApplicationLifetime lifetime, IOptions<ShutdownOptions> options, TimeProvider time)
    : IHostedLifecycleService
{
    // A collector that is gone must not hold up the end.
    private const int LastWordsMilliseconds = 2_000;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        // A host stopped from code hasn't said so yet; readiness must turn before the server goes.
        lifetime.StopApplication();
        if (services.GetService<IServer>() is null)
            return;

        // When time runs out everything else must still be stopped.
        await Task.Delay(options.Value.Drain, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.WhenAll(
        Task.Run(() => services.GetService<TracerProvider>()?.Shutdown(LastWordsMilliseconds), CancellationToken.None),
        Task.Run(() => services.GetService<MeterProvider>()?.Shutdown(LastWordsMilliseconds), CancellationToken.None),
        Task.Run(() => services.GetService<LoggerProvider>()?.Shutdown(LastWordsMilliseconds), CancellationToken.None));

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
