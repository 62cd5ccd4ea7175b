using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Shop.Tests.Embedded.Hosting;

[Collection(nameof(EngineCollection))]
public sealed class OrchestratorTests : IAsyncLifetime
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    private readonly TestFolder _folder = new();
    private readonly IDistributedApplicationTestingBuilder _builder = DistributedApplicationTestingBuilder.Create();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _builder.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_resource_starts_only_once_its_dependency_is_healthy()
    {
        await using var listener = new Answerer("dependency", status: 503);
        var dependency = Shell("dependency", "exec sleep 1000").WithHttpEndpoint(targetPort: listener.Port).WithHttpHealthCheck("/health");
        Shell("dependent", "exec sleep 1000").WaitFor(dependency);
        var app = await _builder.BuildAsync(Cancellation);

        var start = app.StartAsync(Cancellation);
        await Eventually.HoldsAsync(() => listener.Requests >= 3);
        Assert.Equal(KnownResourceStates.Waiting, StateOf(app, "dependent"));
        Assert.Equal(KnownResourceStates.Running, StateOf(app, "dependency"));
        Assert.False(start.IsCompleted);

        listener.Status = 200;
        await start;
        Assert.Equal(KnownResourceStates.Running, StateOf(app, "dependent"));
    }

    [Fact]
    public async Task A_resource_starts_only_once_its_dependency_has_completed()
    {
        var once = Shell("once", "until [ -e go ]; do sleep 0.02; done");
        Shell("dependent", "exec sleep 1000").WaitForCompletion(once);
        var app = await _builder.BuildAsync(Cancellation);

        var start = app.StartAsync(Cancellation);
        await app.ResourceNotifications.WaitForResourceAsync("once", KnownResourceStates.Running, Cancellation);
        Assert.Equal(KnownResourceStates.Waiting, StateOf(app, "dependent"));

        await File.WriteAllTextAsync(_folder.File("go"), "", Cancellation);
        await start;
        Assert.Equal(KnownResourceStates.Finished, StateOf(app, "once"));
        Assert.Equal(KnownResourceStates.Running, StateOf(app, "dependent"));
    }

    [Fact]
    public async Task A_failed_one_shot_fails_the_start_with_its_last_words()
    {
        var once = Shell("once", "echo 'no such column' >&2; exit 3");
        Shell("dependent", "echo started > dependent").WaitForCompletion(once);
        Shell("other", "echo $$ > other; exec sleep 1000");
        var app = await _builder.BuildAsync(Cancellation);

        var failure = await Assert.ThrowsAsync<EmbeddedHostingException>(() => app.StartAsync(Cancellation));

        Assert.Contains("once ended with exit code 3", failure.Message, StringComparison.Ordinal);
        Assert.Contains("no such column", failure.Message, StringComparison.Ordinal);
        Assert.Contains("once.log", failure.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File("dependent")));
        Assert.Equal(KnownResourceStates.Exited, StateOf(app, "other"));
    }

    [Fact]
    public async Task A_service_that_never_comes_up_fails_the_start_with_its_last_words()
    {
        Shell("service", "echo 'Ordering:Key is missing'; exit 1").WithHttpEndpoint().WithHttpHealthCheck("/health");
        var app = await _builder.BuildAsync(Cancellation);

        var failure = await Assert.ThrowsAsync<EmbeddedHostingException>(() => app.StartAsync(Cancellation));

        Assert.Contains("service ended 4 times before it was healthy", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Ordering:Key is missing", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_isn_t_there_is_named()
    {
        _builder.AddExecutable("service", "no-such-program", _folder.Path);
        var app = await _builder.BuildAsync(Cancellation);

        var failure = await Assert.ThrowsAsync<EmbeddedHostingException>(() => app.StartAsync(Cancellation));

        Assert.Contains("no-such-program", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_killed_resource_is_started_again()
    {
        Shell("service", "echo $$ >> processes; exec sleep 1000");
        var app = await StartAsync();
        await Eventually.HoldsAsync(() => _folder.Lines("processes").Length == 1);

        var killed = await app.ResourceCommands.ExecuteCommandAsync("service", KnownResourceCommands.KillCommand, Cancellation);

        Assert.True(killed.Success, killed.Message);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("service", Cancellation);
        await Eventually.HoldsAsync(() => _folder.Lines("processes").Distinct().Count() == 2);
    }

    [Fact]
    public async Task One_of_several_replicas_can_be_killed_and_the_others_stay()
    {
        Shell("service", "echo $$ >> processes; exec sleep 1000").WithHttpEndpoint().WithAnnotation(new ReplicaAnnotation(3));
        var app = await StartAsync();
        await Eventually.HoldsAsync(() => _folder.Lines("processes").Length == 3);
        var startOfFirst = SnapshotOf(app, "service-1").StartTimeStamp;

        await app.ResourceCommands.ExecuteCommandAsync("service-2", KnownResourceCommands.KillCommand, Cancellation);

        Assert.Equal(128 + 9, SnapshotOf(app, "service-2").ExitCode);
        Assert.Equal(HealthStatus.Degraded, SnapshotOf(app, "service").HealthStatus);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("service", Cancellation);
        await Eventually.HoldsAsync(() => _folder.Lines("processes").Length == 4);
        Assert.Equal(startOfFirst, SnapshotOf(app, "service-1").StartTimeStamp);
    }

    [Fact]
    public async Task Each_replica_tells_its_own_address_beside_the_one_that_all_share()
    {
        Shell("service", "exec sleep 1000").WithHttpEndpoint().WithAnnotation(new ReplicaAnnotation(2));
        var app = await StartAsync();

        var shared = Assert.Single(SnapshotOf(app, "service").Urls);
        var (first, second) = (SnapshotOf(app, "service-1").Urls, SnapshotOf(app, "service-2").Urls);

        Assert.False(shared.IsInternal);
        Assert.Contains(shared, first);
        Assert.Contains(shared, second);
        string[] addresses = [shared.Url, Assert.Single(first, url => url.IsInternal).Url, Assert.Single(second, url => url.IsInternal).Url];
        Assert.Distinct(addresses);
    }

    [Fact]
    public async Task A_stopped_resource_stays_down_until_it_is_started()
    {
        Shell("service", "exec sleep 1000").WithHttpEndpoint();
        var app = await StartAsync();

        await app.ResourceCommands.ExecuteCommandAsync("service", KnownResourceCommands.StopCommand, Cancellation);
        Assert.Equal(KnownResourceStates.Exited, StateOf(app, "service"));
        Assert.Null(SnapshotOf(app, "service").HealthStatus);

        await app.ResourceCommands.ExecuteCommandAsync("service", KnownResourceCommands.StartCommand, Cancellation);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("service", Cancellation);
    }

    [Fact]
    public async Task A_resource_whose_health_fails_is_unhealthy_until_it_recovers()
    {
        await using var listener = new Answerer("service");
        Shell("service", "exec sleep 1000").WithHttpEndpoint(targetPort: listener.Port).WithHttpHealthCheck("/health");
        var app = await StartAsync();

        listener.Status = 503;
        await app.ResourceNotifications.WaitForResourceAsync(
            "service", change => change.Snapshot.HealthStatus == HealthStatus.Unhealthy, Cancellation);

        listener.Status = 200;
        await app.ResourceNotifications.WaitForResourceHealthyAsync("service", Cancellation);
    }

    [Fact]
    public async Task An_unknown_resource_or_command_is_answered_with_those_there_are()
    {
        Shell("service", "exec sleep 1000");
        var app = await StartAsync();

        var unknownResource = await app.ResourceCommands.ExecuteCommandAsync("servise", KnownResourceCommands.KillCommand, Cancellation);
        var unknownCommand = await app.ResourceCommands.ExecuteCommandAsync("service", "explode", Cancellation);

        Assert.False(unknownResource.Success);
        Assert.Contains("service", unknownResource.Message, StringComparison.Ordinal);
        Assert.False(unknownCommand.Success);
        Assert.Contains("suspend", unknownCommand.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_stops_in_the_opposite_order_of_its_start()
    {
        const string Script = "trap 'echo $OTEL_SERVICE_NAME >> order; exit 0' TERM; echo x >> ready; while :; do sleep 0.02; done";
        var database = Shell("database", Script);
        var api = Shell("api", Script).WaitFor(database);
        Shell("web", Script).WaitFor(api);
        var app = await StartAsync();
        await Eventually.HoldsAsync(() => _folder.Lines("ready").Length == 3);

        await app.StopAsync(Cancellation);

        Assert.Equal(["web", "api", "database"], _folder.Lines("order"));
    }

    [Fact]
    public async Task One_that_won_t_stop_is_killed_in_time()
    {
        Shell("stubborn", "trap '' TERM; echo $$ > process; while :; do sleep 0.02; done");
        var app = await StartAsync();
        await Eventually.HoldsAsync(() => _folder.Lines("process").Length == 1);
        var start = TimeProvider.System.GetTimestamp();

        await app.StopAsync(Cancellation);

        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.False(Directory.Exists($"/proc/{_folder.Lines("process")[0]}"));
    }

    [Fact]
    public async Task Resources_that_wait_for_each_other_are_refused()
    {
        var first = Shell("first", "exec sleep 1000");
        var second = Shell("second", "exec sleep 1000").WaitFor(first);
        first.WaitFor(second);
        var app = await _builder.BuildAsync(Cancellation);

        var failure = await Assert.ThrowsAsync<EmbeddedHostingException>(() => app.StartAsync(Cancellation));

        Assert.Contains("first waits for second waits for first", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replicas_share_one_address_that_passes_over_a_dead_one()
    {
        await using var listener = new Answerer("alive");
        Shell("service", "exec sleep 1000").WithHttpEndpoint(targetPort: listener.Port);
        var app = await StartAsync();
        using var client = app.CreateHttpClient("service");
        Assert.Equal("alive", await client.GetStringAsync("/", Cancellation));

        // Nothing is there for a moment: the caller waits for the restart and sees no failure.
        await app.ResourceCommands.ExecuteCommandAsync("service", KnownResourceCommands.KillCommand, Cancellation);
        Assert.Equal("alive", await client.GetStringAsync("/", Cancellation));
    }

    [Fact]
    public async Task Two_applications_run_side_by_side()
    {
        await using var otherBuilder = DistributedApplicationTestingBuilder.Create();
        Shell("service", "exec sleep 1000").WithHttpEndpoint(port: 8080);
        otherBuilder.AddExecutable("service", "sleep", ".", "1000").WithHttpEndpoint(port: 8080);

        var app = await StartAsync();
        var other = await otherBuilder.BuildAsync(Cancellation);
        await other.StartAsync(Cancellation);

        Assert.NotEqual(app.GetEndpoint("service"), other.GetEndpoint("service"));
    }

    private IResourceBuilder<ExecutableResource> Shell(string name, string script) =>
        _builder.AddExecutable(name, "/bin/sh", _folder.Path, "-c", script);

    private async Task<DistributedApplication> StartAsync()
    {
        var app = await _builder.BuildAsync(Cancellation);
        await app.StartAsync(Cancellation);
        return app;
    }

    private static CustomResourceSnapshot SnapshotOf(DistributedApplication app, string name)
    {
        Assert.True(app.ResourceNotifications.TryGetCurrentState(name, out var latest));
        return latest.Snapshot;
    }

    private static string? StateOf(DistributedApplication app, string name) => SnapshotOf(app, name).State?.Text;
}
