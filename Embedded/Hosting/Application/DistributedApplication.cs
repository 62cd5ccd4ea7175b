using System.Runtime.InteropServices;
using Embedded.Dashboard;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Embedded.Hosting;

/// <summary>The application described by the AppHost, ready to run on this machine's own servers.</summary>
public sealed class DistributedApplication : IHost, IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly Orchestrator _orchestrator;
    private readonly TerminalOutput _terminal;
    private bool _disposed;

    internal DistributedApplication(ServiceProvider services)
    {
        _services = services;
        _orchestrator = services.GetRequiredService<Orchestrator>();
        _terminal = services.GetRequiredService<TerminalOutput>();
        ResourceNotifications = services.GetRequiredService<ResourceNotificationService>();
        ResourceCommands = services.GetRequiredService<ResourceCommandService>();
    }

    public IServiceProvider Services => _services;

    public ResourceNotificationService ResourceNotifications { get; }

    public ResourceCommandService ResourceCommands { get; }

    /// <summary>Null when there is none, or before the start.</summary>
    internal DashboardServer? Dashboard => _orchestrator.Dashboard;

    internal DistributedApplicationModel Model => _services.GetRequiredService<DistributedApplicationModel>();

    public static IDistributedApplicationBuilder CreateBuilder() => CreateBuilder([]);

    public static IDistributedApplicationBuilder CreateBuilder(string[] args) => CreateBuilder(new DistributedApplicationOptions { Args = args });

    public static IDistributedApplicationBuilder CreateBuilder(DistributedApplicationOptions options) =>
        new DistributedApplicationBuilder(options, TestingContext.Current);

    /// <summary>Runs until Ctrl-C or SIGTERM; see <see cref="RunAsync"/>.</summary>
    // An AppHost's Main may be synchronous; there is no synchronization context that blocking here could deadlock on.
    public void Run() => RunAsync().GetAwaiter().GetResult();

    /// <summary>
    /// Starts everything, runs until Ctrl-C, SIGTERM or the token, and stops everything. When the start fails the reason is
    /// printed as a sentence and the process ends with exit code 1; when asked to publish, which this engine can't, with 2.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken = default)
    {
        if (_services.GetRequiredService<DistributedApplicationExecutionContext>().IsPublishMode)
        {
            _terminal.LastWord(
                "Publishing needs Aspire's packages, and this AppHost was built with the embedded engine. "
                + "Run `dotnet restore -p:AspireEngine=packages` once, then the same command again.");
            await EndProcessAsync(exitCode: 2);
        }

        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var signals = 0;
        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true;
            if (Interlocked.Increment(ref signals) == 1)
            {
                stopping.Cancel();
            }
            else if (context.Signal == PosixSignal.SIGINT)
            {
                _orchestrator.KillAll();
                Environment.Exit(128 + 2);
            }
        }

        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal);
        using var quit = PosixSignalRegistration.Create(PosixSignal.SIGQUIT, OnSignal);

        EmbeddedHostingException? failure = null;
        try
        {
            await StartAsync(stopping.Token);
            await Task.Delay(Timeout.InfiniteTimeSpan, stopping.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The ordinary end.
        }
        catch (EmbeddedHostingException exception)
        {
            failure = exception;
        }

        await StopAsync(CancellationToken.None);
        if (failure is null)
        {
            await DisposeAsync();
            return;
        }

        _terminal.LastWord(failure.Message);
        await EndProcessAsync(exitCode: 1);
    }

    /// <summary>Starts everything; completes when all is healthy and everything that runs once has ended well.</summary>
    /// <exception cref="EmbeddedHostingException">A resource failed; the message holds the last lines of its log. All is stopped again.</exception>
    public Task StartAsync(CancellationToken cancellationToken = default) => _orchestrator.StartAsync(cancellationToken);

    /// <summary>Stops everything, dependents first, within ten seconds.</summary>
    public Task StopAsync(CancellationToken cancellationToken = default) => _orchestrator.StopAsync();

    // IHost demands it; whoever can awaits DisposeAsync.
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;

        _disposed = true;
        await _services.DisposeAsync();
    }

    // AppHost's Main returns 0 after Run, so the exit code of a failure must be given here.
    private async Task EndProcessAsync(int exitCode)
    {
        await DisposeAsync();
        Environment.Exit(exitCode);
    }
}
