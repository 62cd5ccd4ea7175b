using System.Collections.Immutable;
using System.Globalization;
using Embedded.Dashboard;
using Embedded.Hosting.Endpoints;
using Embedded.Hosting.Processes;
using Embedded.Hosting.Servers;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Embedded.Hosting;

/// <summary>Brings the whole model up in the order its waits ask for, and down again in the opposite order.</summary>
internal sealed class Orchestrator(
    DistributedApplicationModel model,
    ApplicationData data,
    DistributedApplicationExecutionContext executionContext,
    ResourceNotificationService notifications,
    DashboardSettings dashboardSettings,
    TerminalOutput terminal) : IAsyncDisposable
{
    private static readonly TimeSpan StopBudget = TimeSpan.FromSeconds(9);
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortestGrace = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan StillWaitingInterval = TimeSpan.FromSeconds(15);

    private readonly CancellationTokenSource _stopping = new();
    private readonly EndpointAllocator _endpoints = new(onlyFreePorts: data.IsTemporary);
    private readonly List<ResourceRunner> _runners = [];
    private readonly Lock _gate = new();
    private Guardian? _guardian;
    private DashboardServer? _dashboard;
    private IReadOnlyDictionary<string, string> _telemetry = ImmutableDictionary<string, string>.Empty;
    private readonly SemaphoreSlim _resets = new(1, 1);
    private Task? _starting;
    private Task? _stopped;
    private bool _disposed;

    public IReadOnlyList<ResourceRunner> Runners => _runners;

    /// <summary>Null when there is none.</summary>
    public DashboardServer? Dashboard => _dashboard;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        Task starting;
        lock (_gate)
        {
            if (_starting is not null) throw new InvalidOperationException("This application has been started already; build a new one to start again.");
            starting = _starting = StartCoreAsync(either.Token);
        }

        try
        {
            await starting;
        }
        catch
        {
            await StopAsync();
            throw;
        }
    }

    public Task StopAsync()
    {
        lock (_gate)
            return _stopped ??= StopCoreAsync();
    }

    /// <summary>The quick way out: no grace for anything.</summary>
    public void KillAll()
    {
        foreach (var runner in _runners)
            runner.Kill();
    }

    /// <exception cref="EmbeddedHostingException">There is no such resource or command, or it can't be carried out now.</exception>
    public async Task ExecuteAsync(string resourceId, string commandName)
    {
        if (commandName == KnownResourceCommands.ResetCommand)
        {
            await ResetAsync(resourceId);
            return;
        }

        var supervisors = Find(resourceId);
        Func<Supervisor, Task> command = commandName switch
        {
            _ when commandName == KnownResourceCommands.StartCommand => supervisor => supervisor.StartAsync(),
            _ when commandName == KnownResourceCommands.StopCommand => supervisor => supervisor.StopAsync(),
            _ when commandName == KnownResourceCommands.RestartCommand => supervisor => supervisor.RestartAsync(),
            _ when commandName == KnownResourceCommands.KillCommand => supervisor => supervisor.KillAsync(),
            _ when commandName == KnownResourceCommands.SuspendCommand => supervisor => supervisor.SuspendAsync(),
            _ when commandName == KnownResourceCommands.ResumeCommand => supervisor => supervisor.ResumeAsync(),
            _ => throw new EmbeddedHostingException($"There is no command '{commandName}'. There are start, stop, restart, kill, suspend, resume and reset."),
        };
        await Task.WhenAll(supervisors.Select(command));
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;

        _disposed = true;
        await StopAsync();
        _stopping.Dispose();
        _resets.Dispose();
    }

    private async Task StartCoreAsync(CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        terminal.Announce(
            "Embedded engine: this machine's own PostgreSQL, Redis and RabbitMQ, no containers. "
            + "To run on Aspire with containers: dotnet restore -p:AspireEngine=packages, then the same command.");
        RefuseCircularWaits();
        data.Open();
        _endpoints.Allocate(model.Resources);
        data.Prepare(terminal.Announce);
        _guardian = Guardian.Start();
        await StartDashboardAsync(cancellationToken);
        CreateRunners();

        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var reporting = new CancellationTokenSource();
        var report = ReportWaitingAsync(reporting.Token);
        Exception? failure = null;
        var starts = _runners.Select(runner => StartAsync(runner, failed.Token)).ToList();
        await foreach (var started in Task.WhenEach(starts))
        {
            try
            {
                await started;
            }
            catch (Exception exception)
            {
                // The first failure is the reason; the others only follow from the cancellation.
                failure ??= exception;
                await failed.CancelAsync();
            }
        }

        await reporting.CancelAsync();
        await report;
        cancellationToken.ThrowIfCancellationRequested();
        if (failure is not null) throw Wrapped(failure);

        ShowTable(TimeProvider.System.GetElapsedTime(start));
    }

    private static EmbeddedHostingException Wrapped(Exception failure) => failure as EmbeddedHostingException
        ?? new EmbeddedHostingException($"The engine failed in a way it doesn't know: {failure}", failure);

    private async Task StartDashboardAsync(CancellationToken cancellationToken)
    {
        if (!dashboardSettings.IsEnabled) return;

        var resources = new ApplicationResources(data.ApplicationName, model, this, notifications, dashboardSettings.Secrets);
        _dashboard = await DashboardStart.StartAsync(dashboardSettings, resources, terminal, cancellationToken);
        _telemetry = DashboardStart.EnvironmentFor(_dashboard, dashboardSettings);
    }

    private void CreateRunners()
    {
        foreach (var resource in model.Resources)
        {
            ResourceRunner? runner = resource switch
            {
                NativeServerResource server => CreateServerRunner(server),
                PostgresDatabaseResource database => CreateDatabaseRunner(database),
                IResourceWithEnvironment process => CreateProcessRunner(process),
                _ => null,
            };
            if (runner is not null) _runners.Add(runner);
        }
    }

    private SupervisedRunner CreateServerRunner(NativeServerResource resource)
    {
        var unit = new ServerUnit(
            cancellationToken => CreateServerAsync(resource, cancellationToken), LogOf(resource.Name), () => _guardian!, text => terminal.Change(resource.Name, "preparing", text, Severity.Neutral));
        return new SupervisedRunner(resource, [unit], successExitCode: null, endsByItself: false, notifications, terminal);
    }

    private async Task<NativeServer> CreateServerAsync(NativeServerResource resource, CancellationToken cancellationToken)
    {
        var userName = await resource.UserName.GetValueAsync(cancellationToken) ?? "";
        var password = await resource.Password.GetValueAsync(cancellationToken) ?? "";
        var settings = new ServerSettings(
            resource.Name,
            data.DataDirectoryOf(resource),
            data.LogDirectory,
            resource.PrimaryEndpoint.Port,
            userName,
            password,
            MayInstall: Environment.GetEnvironmentVariable("SHOP_NO_INSTALL") != "1");
        return resource switch
        {
            PostgresServerResource => new PostgresServer(settings),
            RedisResource => new RedisServer(settings),
            RabbitMQServerResource rabbit => new RabbitMqServer(
                settings, rabbit.ManagementEndpoint.Exists, rabbit.ManagementEndpoint.Exists ? rabbit.ManagementEndpoint.Port : null),
            _ => throw new InvalidOperationException($"There is no server for {resource.GetType().Name}."),
        };
    }

    private DatabaseRunner CreateDatabaseRunner(PostgresDatabaseResource database)
    {
        var server = _runners.FirstOrDefault(runner => runner.Resource == database.Parent)
            ?? throw new InvalidOperationException($"The server of the database {database.Name} isn't part of the application.");
        return new DatabaseRunner(database, (ServerUnit)server.Supervisors[0].Unit, notifications, terminal);
    }

    private SupervisedRunner CreateProcessRunner(IResourceWithEnvironment resource)
    {
        var replicas = resource.GetReplicaCount();
        var endpoints = resource.Annotations.OfType<EndpointAnnotation>().ToList();
        if (replicas > 1 && endpoints.Find(endpoint => endpoint.TargetPort is not null || !endpoint.IsProxied) is { } single)
        {
            throw new EmbeddedHostingException(string.Create(
                CultureInfo.InvariantCulture,
                $"{resource.Name} has {replicas} replicas, which can't all listen on the one port of its endpoint '{single.Name}'. Leave out targetPort and isProxied."));
        }

        var units = new List<IUnit>();
        var backends = endpoints.Where(endpoint => endpoint.IsProxied).ToDictionary(endpoint => endpoint, _ => new List<Backend>());
        for (var index = 0; index < replicas; index++)
        {
            var name = SupervisedRunner.InstanceName(resource, index);
            var own = backends.ToDictionary(pair => pair.Key, _ => new Backend(name));
            foreach (var (endpoint, backend) in own)
                backends[endpoint].Add(backend);

            units.Add(new ProcessUnit(
                name, resource, executionContext, own, _telemetry, LogOf(replicas == 1 ? resource.Name : name), () => _guardian!));
        }

        foreach (var (endpoint, replicasOfIt) in backends)
            _endpoints.Start(endpoint, replicasOfIt);

        var completion = model.Resources.SelectMany(WaitsOf)
            .FirstOrDefault(wait => wait.Resource == resource && wait.WaitType == WaitType.WaitForCompletion);
        return new SupervisedRunner(resource, units, completion?.ExitCode, endsByItself: endpoints.Count == 0, notifications, terminal);
    }

    private ResourceLog LogOf(string name) => new(Path.Combine(data.LogDirectory, name + ".log"), terminal.Announce);

    private async Task StartAsync(ResourceRunner runner, CancellationToken cancellationToken)
    {
        var waits = WaitsOf(runner.Resource);
        if (waits.Count > 0)
        {
            var others = string.Join(", ", waits.Select(wait => wait.Resource.Name).Distinct());
            terminal.Change(runner.Resource.Name, "waiting", $"for {others}", Severity.Neutral);
            notifications.Publish(runner.Resource, runner.Resource.Name, snapshot => snapshot with { State = KnownResourceStates.Waiting, Detail = $"waits for {others}" });
            foreach (var wait in waits)
                await notifications.WaitForResourceAsync(wait.Resource.Name, resourceEvent => IsOver(wait, resourceEvent.Snapshot), cancellationToken);
        }

        cancellationToken.ThrowIfCancellationRequested();
        await runner.StartAsync(cancellationToken);
    }

    private static bool IsOver(WaitAnnotation wait, CustomResourceSnapshot snapshot)
    {
        var finished = snapshot.State?.Text == KnownResourceStates.Finished;
        return wait.WaitType switch
        {
            WaitType.WaitForCompletion => finished,
            WaitType.WaitUntilStarted => finished || snapshot.State?.Text == KnownResourceStates.Running,
            _ => finished || snapshot.HealthStatus == HealthStatus.Healthy,
        };
    }

    private async Task ResetAsync(string resourceName)
    {
        if (_runners.Find(runner => string.Equals(runner.Resource.Name, resourceName, StringComparison.OrdinalIgnoreCase)) is not { Resource: NativeServerResource } server)
            throw new EmbeddedHostingException($"'{resourceName}' has no data of its own that could be reset: PostgreSQL, Redis and RabbitMQ have.");
        if (!await _resets.WaitAsync(TimeSpan.Zero)) throw new EmbeddedHostingException("Something is being reset already: wait until it is done.");

        try
        {
            var dependents = DependentsOf(server);
            foreach (var dependent in Enumerable.Reverse(dependents).Where(dependent => dependent.Supervisors.Count > 0))
                await dependent.StopAsync(StopGrace);
            await server.StopAsync(StopGrace);
            ((ServerUnit)server.Supervisors[0].Unit).Forget();
            data.DeleteDataOf(server.Resource);

            // What finished before must count as not done, or nobody would wait for it.
            foreach (var dependent in dependents)
                notifications.Publish(dependent.Resource, dependent.Resource.Name, snapshot => snapshot with { State = KnownResourceStates.NotStarted, HealthStatus = null });
            foreach (var runner in dependents.Prepend(server))
                await StartAgainAsync(runner, _stopping.Token);
        }
        finally
        {
            _resets.Release();
        }
    }

    private async Task StartAgainAsync(ResourceRunner runner, CancellationToken cancellationToken)
    {
        if (runner is DatabaseRunner database)
        {
            await database.EnsureAsync(cancellationToken);
            notifications.Publish(runner.Resource, runner.Resource.Name, snapshot => snapshot with { State = KnownResourceStates.Running, HealthStatus = HealthStatus.Healthy });
            return;
        }

        await Task.WhenAll(runner.Supervisors.Select(supervisor => supervisor.StartAsync()));
        var reached = await notifications.WaitForResourceAsync(
            runner.Resource.Name,
            change => change.Snapshot.HealthStatus == HealthStatus.Healthy || change.Snapshot.State?.Text is "Finished" or "FailedToStart",
            cancellationToken);
        if (reached.Snapshot.State?.Text == KnownResourceStates.FailedToStart)
            throw new EmbeddedHostingException($"{runner.Resource.Name} couldn't be started again: {reached.Snapshot.Detail}");
    }

    /// <summary>Whoever waits for it, and for them, in the order in which they start.</summary>
    private List<ResourceRunner> DependentsOf(ResourceRunner runner)
    {
        var found = new List<ResourceRunner>();
        for (var before = -1; before != found.Count;)
        {
            before = found.Count;
            found.AddRange(_runners.Where(candidate => candidate != runner && !found.Contains(candidate)
                && WaitsOf(candidate.Resource).Exists(wait => wait.Resource == runner.Resource || found.Exists(known => known.Resource == wait.Resource))));
        }

        return [.. found.OrderBy(dependent => LevelsBelow(dependent.Resource))];
    }

    internal static List<WaitAnnotation> WaitsOf(IResource resource)
    {
        var waits = resource.Annotations.OfType<WaitAnnotation>().ToList();
        if (resource is IResourceWithParent child) waits.Add(new WaitAnnotation(child.Parent, WaitType.WaitUntilHealthy));
        return waits;
    }

    private void RefuseCircularWaits()
    {
        var done = new HashSet<IResource>();
        var path = new List<IResource>();
        void Visit(IResource resource)
        {
            if (path.Contains(resource))
            {
                var circle = string.Join(" waits for ", path.SkipWhile(earlier => earlier != resource).Append(resource).Select(member => member.Name));
                throw new EmbeddedHostingException($"These resources would wait for each other for ever: {circle}. Take one of the waits out of AppHost.cs.");
            }

            if (!done.Add(resource)) return;

            path.Add(resource);
            foreach (var wait in WaitsOf(resource))
                Visit(wait.Resource);

            path.RemoveAt(path.Count - 1);
        }

        foreach (var resource in model.Resources)
            Visit(resource);
    }

    private async Task ReportWaitingAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(StillWaitingInterval, cancellationToken);
                var waiting = _runners
                    .Select(runner => (runner.Resource.Name, State: notifications.TryGetCurrentState(runner.Resource.Name, out var latest) ? latest.Snapshot : null))
                    .Where(candidate => candidate.State is not { HealthStatus: HealthStatus.Healthy } and not { State.Text: "Finished" })
                    .Select(candidate => candidate.State is { } state ? $"{candidate.Name} ({state.Detail ?? state.State?.Text})" : candidate.Name);
                terminal.Announce($"Not up yet: {string.Join(", ", waiting)}");
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // All is up, or nothing will be.
        }
    }

    private void ShowTable(TimeSpan took)
    {
        terminal.Announce(string.Create(CultureInfo.InvariantCulture, $"\nAll is up after {took.TotalSeconds:0.0} s. Ctrl-C stops everything."));
        var rows = new List<IReadOnlyList<string>>();
        foreach (var runner in _runners)
        {
            notifications.TryGetCurrentState(runner.Resource.Name, out var latest);
            var state = latest?.Snapshot.HealthStatus == HealthStatus.Healthy ? "healthy" : latest?.Snapshot.State?.Text.ToLowerInvariant() ?? "";
            var lines = UrlsOf(runner.Resource).DefaultIfEmpty("").ToList();
            var logs = runner.Supervisors.Select(supervisor => supervisor.Unit.Log.Path).DefaultIfEmpty("").ToList();
            for (var line = 0; line < Math.Max(lines.Count, logs.Count); line++)
            {
                rows.Add(
                [
                    line == 0 ? runner.Resource.Name : "",
                    line == 0 ? state : "",
                    lines.ElementAtOrDefault(line) ?? "",
                    logs.ElementAtOrDefault(line) ?? "",
                ]);
            }
        }

        terminal.Table(["resource", "state", "address", "log"], rows);
        if (_dashboard is not null) terminal.Announce($"\nDashboard: {_dashboard.LoginUrl}");
    }

    private static IEnumerable<string> UrlsOf(IResource resource)
    {
        if (resource is IResourceWithEndpoints withEndpoints)
        {
            foreach (var endpoint in withEndpoints.GetEndpoints())
                yield return endpoint.IsHttp ? endpoint.Url : string.Create(CultureInfo.InvariantCulture, $"{endpoint.Host}:{endpoint.Port}");
        }

        foreach (var url in resource.Annotations.OfType<ResourceUrlAnnotation>())
            yield return url.DisplayText is { } text ? $"{text}: {url.Url}" : url.Url;
    }

    private async Task StopCoreAsync()
    {
        // Nothing of this may run under the caller's lock.
        await Task.Yield();
        await _stopping.CancelAsync();
        if (_starting is not null) await _starting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        if (_runners.Count > 0) terminal.Announce("Stopping …");
        var start = TimeProvider.System.GetTimestamp();
        var stops = new Dictionary<ResourceRunner, Task>();
        var all = Task.WhenAll(_runners.Select(runner => StopInOrder(runner, stops, start)));
        if (await Task.WhenAny(all, Task.Delay(StopBudget)) != all) KillAll();
        await all;

        await _endpoints.DisposeAsync();
        if (_dashboard is not null) await _dashboard.DisposeAsync();
        if (_guardian is not null) await _guardian.DisposeAsync();
        foreach (var runner in _runners)
            runner.Dispose();

        data.Dispose();
    }

    private Task StopInOrder(ResourceRunner runner, Dictionary<ResourceRunner, Task> stops, long start)
    {
        if (stops.TryGetValue(runner, out var known)) return known;

        var dependents = _runners
            .Where(other => WaitsOf(other.Resource).Exists(wait => wait.Resource == runner.Resource))
            .Select(other => StopInOrder(other, stops, start))
            .ToList();
        return stops[runner] = StopAfterAsync(runner, dependents, start);
    }

    private async Task StopAfterAsync(ResourceRunner runner, List<Task> dependents, long start)
    {
        await Task.WhenAll(dependents);

        // A slow one may not eat the time of those that stop after it: each of them keeps a second.
        var left = StopBudget - TimeProvider.System.GetElapsedTime(start) - TimeSpan.FromSeconds(LevelsBelow(runner.Resource));
        var grace = left < ShortestGrace ? ShortestGrace : left > StopGrace ? StopGrace : left;
        try
        {
            await runner.StopAsync(grace);
        }
        catch (Exception exception)
        {
            // Whatever went wrong with this one, the others must be stopped too.
            terminal.Announce($"{runner.Resource.Name} couldn't be stopped in order and is killed: {exception.Message}");
            runner.Kill();
        }
    }

    private static int LevelsBelow(IResource resource) =>
        WaitsOf(resource).Select(wait => 1 + LevelsBelow(wait.Resource)).DefaultIfEmpty(0).Max();

    private IReadOnlyList<Supervisor> Find(string resourceId)
    {
        if (_stopping.IsCancellationRequested) throw new EmbeddedHostingException("The application has been stopped; it takes no commands any more.");

        foreach (var runner in _runners.Where(runner => runner.Supervisors.Count > 0))
        {
            if (string.Equals(runner.Resource.Name, resourceId, StringComparison.OrdinalIgnoreCase)) return runner.Supervisors;

            for (var index = 0; index < runner.Supervisors.Count; index++)
            {
                if (string.Equals(SupervisedRunner.InstanceName(runner.Resource, index), resourceId, StringComparison.OrdinalIgnoreCase))
                    return [runner.Supervisors[index]];
            }
        }

        throw new EmbeddedHostingException(
            $"There is no running resource '{resourceId}'. There are {string.Join(", ", _runners.Where(runner => runner.Supervisors.Count > 0).Select(runner => runner.Resource.Name))}.");
    }
}
