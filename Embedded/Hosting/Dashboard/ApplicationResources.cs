using Embedded.Dashboard.Resources;

namespace Embedded.Hosting;

/// <summary>The running application as its dashboard shows it.</summary>
internal sealed class ApplicationResources(
    string applicationName, DistributedApplicationModel model, Orchestrator orchestrator, ResourceNotificationService notifications, IEnumerable<string> furtherSecrets)
    : IDashboardResources
{
    private readonly ProcessUsage _usage = new();

    // Read once somebody looks: until then parameters may still be read from elsewhere.
    private readonly Lazy<SecretMask> _mask = new(() => new SecretMask([.. furtherSecrets, .. SecretsOf(model)]));

    public string ApplicationName => applicationName;

    public IReadOnlyList<DashboardResource> Current()
    {
        var runners = orchestrator.Runners;
        var usage = _usage.Of([.. runners.SelectMany(runner => runner.Supervisors).Select(supervisor => supervisor.Unit.ProcessId).OfType<int>()]);
        return [.. runners.Select(runner => Show(runner, usage))];
    }

    public IReadOnlyList<ConsoleLine>? Console(string resource, long after) => Find(resource) is { } runner
        ? [.. runner.Supervisors
            .SelectMany((supervisor, index) => supervisor.Unit.Log.After(after)
                .Select(line => new ConsoleLine(line.Sequence, line.At, runner.Supervisors.Count > 1 ? SupervisedRunner.InstanceName(runner.Resource, index) : null, line.Text)))
            .OrderBy(line => line.Sequence)]
        : null;

    public IReadOnlyList<string>? ConsoleFiles(string resource) =>
        Find(resource) is { } runner ? [.. runner.Supervisors.SelectMany(supervisor => supervisor.Unit.Log.Files)] : null;

    public async Task<string?> ExecuteAsync(string resource, int? replica, string command)
    {
        try
        {
            var runner = Find(resource) ?? throw new EmbeddedHostingException($"There is no resource '{resource}'.");
            await orchestrator.ExecuteAsync(replica is { } number ? SupervisedRunner.InstanceName(runner.Resource, number - 1) : resource, command);
            return null;
        }
        catch (EmbeddedHostingException exception)
        {
            return exception.Message;
        }
    }

    // Values have been read when the servers and services were started with them.
    private static IEnumerable<string> SecretsOf(DistributedApplicationModel model) => model.Resources
        .SelectMany(resource => resource is NativeServerResource server ? [server.Password] : resource is ParameterResource { Secret: true } parameter ? new[] { parameter } : [])
        .Select(parameter => parameter.GetValueAsync().AsTask().GetAwaiter().GetResult() ?? "");

    private ResourceRunner? Find(string name) =>
        orchestrator.Runners.FirstOrDefault(runner => string.Equals(runner.Resource.Name, name, StringComparison.OrdinalIgnoreCase));

    private DashboardResource Show(ResourceRunner runner, IReadOnlyDictionary<int, (double CpuPercent, long Bytes)> usage)
    {
        var resource = runner.Resource;
        var snapshot = notifications.TryGetCurrentState(resource.Name, out var latest) ? latest.Snapshot : null;
        var state = snapshot?.State?.Text ?? KnownResourceStates.NotStarted;
        DashboardReplica[] replicas = [.. runner.Supervisors.Select((supervisor, index) => Show(supervisor, index, resource, usage))];
        return new DashboardResource(
            resource.Name,
            TypeOf(resource),
            state,
            snapshot?.HealthStatus?.ToString(),
            snapshot?.Detail,
            Utc(snapshot?.StartTimeStamp),
            replicas.Sum(replica => replica.Restarts),
            Sum(replicas, replica => replica.CpuPercent),
            (long?)Sum(replicas, replica => replica.MemoryBytes),
            snapshot is null ? [] : [.. snapshot.Urls.Select(url => new DashboardUrl(url.Name ?? "", url.Url))],
            [.. Orchestrator.WaitsOf(resource).Select(wait => wait.Resource)
                .Concat(resource.Annotations.OfType<ResourceRelationshipAnnotation>().Select(relationship => relationship.Resource))
                .Select(other => other.Name).Distinct()],
            [.. runner.Supervisors.Take(1).SelectMany(supervisor => supervisor.Unit.Environment)
                .OrderBy(variable => variable.Key, StringComparer.Ordinal).Select(variable => _mask.Value.Show(variable.Key, variable.Value))],
            CommandsOf(runner, state),
            replicas);
    }

    private DashboardReplica Show(Supervisor supervisor, int index, IResource resource, IReadOnlyDictionary<int, (double CpuPercent, long Bytes)> usage)
    {
        var name = SupervisedRunner.InstanceName(resource, index);
        var runs = supervisor.State.State == KnownResourceStates.Running;
        var process = runs ? supervisor.Unit.ProcessId : null;
        (double CpuPercent, long Bytes)? used = process is { } id && usage.TryGetValue(id, out var found) ? found : null;
        return new DashboardReplica(
            name, index + 1, process, supervisor.State.State, supervisor.State.Health?.ToString(), supervisor.State.Detail,
            notifications.TryGetCurrentState(name, out var latest) ? Utc(latest.Snapshot.StartTimeStamp) : null,
            supervisor.Restarts, used?.CpuPercent, used?.Bytes, runs ? supervisor.Unit.Url : null);
    }

    private static List<string> CommandsOf(ResourceRunner runner, string state)
    {
        if (runner.Supervisors.Count == 0) return [];

        List<string> commands = KnownResourceStates.TerminalStates.Contains(state) || state == KnownResourceStates.NotStarted
            ? [KnownResourceCommands.StartCommand]
            : [KnownResourceCommands.StopCommand, KnownResourceCommands.RestartCommand, KnownResourceCommands.KillCommand];
        if (runner.Resource is NativeServerResource) commands.Add(KnownResourceCommands.ResetCommand);
        return commands;
    }

    private static string TypeOf(IResource resource) => resource switch
    {
        PostgresServerResource => "postgres",
        PostgresDatabaseResource => "database",
        RedisResource => "redis",
        RabbitMQServerResource => "rabbitmq",
        ProjectResource => "project",
        _ => "executable",
    };

    private static double? Sum(DashboardReplica[] replicas, Func<DashboardReplica, double?> value) =>
        replicas.Any(replica => value(replica) is not null) ? replicas.Sum(value) : null;

    private static DateTimeOffset? Utc(DateTime? moment) => moment is { } known ? new DateTimeOffset(known, TimeSpan.Zero) : null;
}
