using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Shop.AppHost.Supervision;

/// <summary>
/// Starts again what crashed, again and again if need be: a full disk, say, has room again some day. What can't be started or crashes
/// before it was ever healthy stays down and says why; if others wait for it, the shop can't come up and the AppHost ends with exit code 1.
/// </summary>
internal sealed class CrashRestarts(
    Instances instances, ResourceCommandService commands, ResourceLoggerService logs, IHostApplicationLifetime lifetime, TimeProvider time,
    IConfiguration configuration, ILogger<CrashRestarts> logger) : BackgroundService
{
    private const int LastLines = 5;

    /// <summary>What Aspire itself says in a process's log.</summary>
    private static readonly string[] Orchestrators = [
        "No custom certificate authorities", "Executing command", "Successfully executed command", "Failed to create resource",
    ];

    /// <summary>The last lines of a process arrive a little after its end.</summary>
    private static readonly TimeSpan LogDelay = TimeSpan.FromMilliseconds(300);

    private readonly bool _restarts = configuration.GetValue("Supervision:Restarts", true);
    private readonly Dictionary<string, RestartPolicy> _policies = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        try
        {
            await WatchAsync(over.Token);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The application ends, which is no failure of this service.
        }
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        await foreach (var (now, before) in instances.WatchAsync(cancellationToken))
        {
            if (!_policies.TryGetValue(now.ResourceId, out var policy))
                _policies[now.ResourceId] = policy = new RestartPolicy(time);
            var (was, state) = (before?.Snapshot.State?.Text, now.Snapshot.State?.Text);
            if (was == state)
                continue;
            if (instances.WasHealthy(now))
                policy.Healthy();
            if (state == KnownResourceStates.Running)
                policy.Started();
            else if (state == KnownResourceStates.FailedToStart)
                await RestartAsync(now, policy, "can't be started", policy.NotStarted(), cancellationToken);
            // A stop that was asked for comes by way of Stopping, and an exit code of 0 is an end of its own will.
            else if (was == KnownResourceStates.Running && now.Snapshot.ExitCode is { } exitCode and not 0
                && (state == KnownResourceStates.Finished || state == KnownResourceStates.Exited))
                // The orchestrator knows no exit code of what a signal ended.
                await RestartAsync(
                    now, policy, exitCode < 0 ? "was killed" : $"ended with exit code {exitCode}", policy.Crashed(), cancellationToken);
        }
    }

    private async Task RestartAsync(
        ResourceEvent crashed, RestartPolicy policy, string how, TimeSpan? pause, CancellationToken cancellationToken)
    {
        var name = NameOf(crashed);
        if (instances.EndsByItself(crashed.Resource))
        {
            await GiveUpAsync(crashed, policy, how, cancellationToken);
        }
        else if (!_restarts)
        {
            await GiveUpAsync(crashed, policy, $"{how} and stays down, as Supervision:Restarts=false asks", cancellationToken);
        }
        else if (pause is { } wait)
        {
            logger.StartedAgain(name, how, wait.TotalSeconds);
            logs.GetLogger(crashed.ResourceId).StartedAgain(name, how, wait.TotalSeconds);
            _ = StartAsync(wait);
        }
        else
        {
            var often = policy.Failures > 1
                ? $"crashed {policy.Failures} times before it was ever healthy, {how} at last and stays down"
                : how;
            await GiveUpAsync(crashed, policy, often, cancellationToken);
        }

        // The other processes don't wait for this one's pause.
        async Task StartAsync(TimeSpan pause)
        {
            try
            {
                await Task.Delay(pause, time, cancellationToken);
                await commands.ExecuteCommandAsync(crashed.ResourceId, KnownResourceCommands.StartCommand, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                // The application ends.
            }
        }
    }

    private async Task GiveUpAsync(ResourceEvent instance, RestartPolicy policy, string what, CancellationToken cancellationToken)
    {
        await Task.Delay(LogDelay, time, cancellationToken);
        var known = Instances.KnownAs(instance.Resource);
        var waiters = instances.WaitersOf(instance.Resource).Select(waiter => waiter.Name).ToArray();
        var endsTheShop = waiters.Length > 0 && !policy.WasHealthy;
        logger.StaysDown(
            NameOf(instance), what, waiters.Length == 0 ? "" : $" For it wait {string.Join(", ", waiters)}.",
            endsTheShop ? " Without it the shop can't come up." : "", await LastWordsAsync(known));
        Environment.ExitCode = 1;
        if (endsTheShop)
            lifetime.StopApplication();
    }

    private async Task<string> LastWordsAsync(IResource resource)
    {
        var lines = new List<string>();
        await foreach (var some in logs.GetAllAsync(resource))
        {
            // Each begins with its time, and a stack trace below it is for the dashboard.
            lines.AddRange(
                some.Select(line => line.Content.Split('\n')[0]).Select(line => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..])
                .Where(line => !Orchestrators.Any(words => line.StartsWith(words, StringComparison.Ordinal))));
        }

        return string.Join("", lines.TakeLast(LastLines).Select(line => $"{Environment.NewLine}  {line}"));
    }

    private static string NameOf(ResourceEvent instance) =>
        Instances.KnownAs(instance.Resource) is var known && known != instance.Resource ? known.Name : instance.ResourceId;
}
