using Microsoft.Extensions.Hosting;

namespace Embedded.Components;

/// <summary>Makes the connection before the host's services start.</summary>
internal sealed class ConnectAtStart<T>(PendingConnection<T> connection) : IHostedLifecycleService where T : class
{
    public Task StartingAsync(CancellationToken cancellationToken) => connection.GetAsync(cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
