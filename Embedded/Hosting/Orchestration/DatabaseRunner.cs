using Embedded.Hosting.Servers;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Embedded.Hosting;

/// <summary>A database inside a server: created when missing, and from then on as healthy as the server.</summary>
internal sealed class DatabaseRunner(
    PostgresDatabaseResource database, ServerUnit server, ResourceNotificationService notifications, TerminalOutput terminal)
    : ResourceRunner(database)
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _following = Task.CompletedTask;

    public override IReadOnlyList<Supervisor> Supervisors => [];

    /// <summary>Creates it again where its server lost everything.</summary>
    public Task EnsureAsync(CancellationToken cancellationToken) => ((PostgresServer)server.Server).EnsureDatabaseAsync(database.DatabaseName, cancellationToken);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await EnsureAsync(cancellationToken);
        Publish(KnownResourceStates.Running, HealthStatus.Healthy);
        terminal.Change(database.Name, "healthy", null, Severity.Good);
        _following = FollowServerAsync(_stopping.Token);
    }

    public override async Task StopAsync(TimeSpan grace)
    {
        await _stopping.CancelAsync();
        await _following;
        Publish(KnownResourceStates.Exited, null);
    }

    public override void Kill() => _stopping.Cancel();

    public override void Dispose() => _stopping.Dispose();

    private async Task FollowServerAsync(CancellationToken stopping)
    {
        try
        {
            await foreach (var change in notifications.WatchAsync(stopping))
            {
                if (change.ResourceId == database.Parent.Name && change.Snapshot.State is { } state)
                    Publish(state.Text, change.Snapshot.HealthStatus);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The database is being stopped.
        }
    }

    private void Publish(string state, HealthStatus? health) =>
        notifications.Publish(database, database.Name, snapshot => snapshot with { State = state, HealthStatus = health, Detail = null });
}
