using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Embedded.Hosting;

/// <summary>A resource with processes of its own: one supervisor a replica, and their states taken together.</summary>
internal sealed class SupervisedRunner : ResourceRunner
{
    private readonly ResourceNotificationService _notifications;
    private readonly TerminalOutput _terminal;
    private readonly Lock _gate = new();
    private readonly InstanceState[] _states;
    private readonly bool[] _wasHealthy;
    private readonly Supervisor[] _supervisors;
    private readonly bool _runsOnce;

    /// <param name="resource">The resource.</param>
    /// <param name="units">One a replica.</param>
    /// <param name="successExitCode">For a resource that runs once, the exit code that is a success.</param>
    /// <param name="endsByItself">Whether exit code 0 is no reason to start it again.</param>
    /// <param name="notifications">Told every change.</param>
    /// <param name="terminal">Shows every change.</param>
    public SupervisedRunner(
        IResource resource,
        IReadOnlyList<IUnit> units,
        int? successExitCode,
        bool endsByItself,
        ResourceNotificationService notifications,
        TerminalOutput terminal)
        : base(resource)
    {
        _notifications = notifications;
        _terminal = terminal;
        _runsOnce = successExitCode is not null;
        _states = [.. units.Select(_ => new InstanceState(KnownResourceStates.NotStarted))];
        _wasHealthy = new bool[units.Count];
        _supervisors = [.. units.Select((unit, index) => new Supervisor(
            units.Count == 1 ? resource.Name : InstanceName(resource, index), unit, successExitCode, endsByItself, state => OnReport(index, state)))];
    }

    public override IReadOnlyList<Supervisor> Supervisors => _supervisors;

    public static string InstanceName(IResource resource, int index) =>
        string.Create(CultureInfo.InvariantCulture, $"{resource.Name}-{index + 1}");

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(_supervisors.Select(supervisor => supervisor.StartAsync()));
        await foreach (var ready in Task.WhenEach(_supervisors.Select(supervisor => supervisor.Ready)).WithCancellation(cancellationToken))
            await ready;
    }

    public override Task StopAsync(TimeSpan grace) => Task.WhenAll(_supervisors.Select(supervisor => supervisor.StopAsync(grace)));

    public override void Kill()
    {
        foreach (var supervisor in _supervisors)
            supervisor.Unit.Kill();
    }

    public override void Dispose()
    {
        foreach (var supervisor in _supervisors)
            supervisor.Dispose();
    }

    private void OnReport(int index, InstanceState state)
    {
        bool toShow;
        lock (_gate)
        {
            _states[index] = state;
            var warmingUp = state.Health == HealthStatus.Unhealthy && !_wasHealthy[index];
            if (state.State == KnownResourceStates.Starting) _wasHealthy[index] = false;
            else if (state.Health == HealthStatus.Healthy) _wasHealthy[index] = true;

            _notifications.Publish(Resource, InstanceName(Resource, index), snapshot => Apply(snapshot, state, [.. Urls(), .. OwnUrls(_supervisors[index].Unit)]));
            _notifications.Publish(Resource, Resource.Name, snapshot => Apply(snapshot, Together(), Urls()));
            toShow = !warmingUp;
        }

        if (toShow) Show(_supervisors[index].Name, state);
    }

    private static CustomResourceSnapshot Apply(CustomResourceSnapshot snapshot, InstanceState state, ImmutableArray<UrlSnapshot> urls)
    {
        var running = state.State == KnownResourceStates.Running;
        var begins = running && snapshot.State?.Text != KnownResourceStates.Running;
        var ends = KnownResourceStates.TerminalStates.Contains(state.State);
        return snapshot with
        {
            State = state.State,
            HealthStatus = state.Health,
            ExitCode = state.ExitCode,
            Detail = state.Detail,
            StartTimeStamp = begins ? DateTime.UtcNow : snapshot.StartTimeStamp,
            StopTimeStamp = ends ? DateTime.UtcNow : null,
            Urls = running ? urls : [],
        };
    }

    private ImmutableArray<UrlSnapshot> Urls() =>
    [
        .. Resource is IResourceWithEndpoints withEndpoints
            ? withEndpoints.GetEndpoints().Where(endpoint => endpoint.IsAllocated).Select(endpoint => new UrlSnapshot(endpoint.EndpointName, endpoint.Url, IsInternal: false))
            : [],
        .. Resource.Annotations.OfType<ResourceUrlAnnotation>().Select(url => new UrlSnapshot(url.DisplayText, url.Url, IsInternal: false)),
    ];

    private static IEnumerable<UrlSnapshot> OwnUrls(IUnit unit) => unit.Url is { } url ? [new UrlSnapshot(null, url, IsInternal: true)] : [];

    // The resource runs while any replica does, and is healthy when all are.
    private InstanceState Together()
    {
        if (_states.Length == 1) return _states[0];

        string[] precedence =
        [
            KnownResourceStates.Running, KnownResourceStates.Starting, KnownResourceStates.Waiting, KnownResourceStates.Stopping,
            KnownResourceStates.FailedToStart, KnownResourceStates.Exited, KnownResourceStates.Finished, KnownResourceStates.NotStarted,
        ];
        var leading = _states.MinBy(state => Array.IndexOf(precedence, state.State))!;
        if (leading.State != KnownResourceStates.Running) return leading;

        var healthy = _states.Count(state => state.Health == HealthStatus.Healthy);
        return leading with
        {
            Health = healthy == _states.Length ? HealthStatus.Healthy
                : healthy > 0 ? HealthStatus.Degraded
                : _states.Any(state => state.Health == HealthStatus.Unhealthy) ? HealthStatus.Unhealthy
                : null,
            Detail = _states.FirstOrDefault(state => state.Health != HealthStatus.Healthy)?.Detail,
        };
    }

    private void Show(string name, InstanceState state)
    {
        var (text, severity) = state switch
        {
            { Health: HealthStatus.Healthy } => ("healthy", Severity.Good),
            { Health: HealthStatus.Unhealthy } => ("unhealthy", Severity.Doubtful),
            { State: var s } when s == KnownResourceStates.Finished => ("finished", Severity.Good),
            { State: var s } when s == KnownResourceStates.FailedToStart => ("failed", Severity.Bad),
            { State: var s, ExitCode: not null } when s == KnownResourceStates.Exited && !_runsOnce => ("exited", Severity.Bad),
            { State: var s } when s == KnownResourceStates.Starting => ("starting", Severity.Neutral),
            { State: var s } when s == KnownResourceStates.Running => ("running", Severity.Neutral),
            { State: var s } when s == KnownResourceStates.Stopping => ("stopping", Severity.Neutral),
            _ => ("exited", Severity.Neutral),
        };
        _terminal.Change(name, text, state.Detail, severity);
    }
}
