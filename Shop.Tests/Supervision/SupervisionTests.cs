using System.Runtime.Versioning;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Shop.AppHost.Supervision;
using Shop.LocalServers;
using Shop.Tests.LocalServers;

namespace Shop.Tests.Supervision;

/// <summary>What becomes of processes that crash, and in which order they end, in applications of shell scripts.</summary>
[Trait("Category", "Servers")]
[UnsupportedOSPlatform("windows")]
public sealed class SupervisionTests : IDisposable
{
    private const string Serve = "while :; do sleep 1; done";
    private const string Crash = "echo There is no such table. >&2; exit 3";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("shop-tests-supervision-");
    private readonly RecordedLog _log = new(LogLevel.Warning, typeof(CrashRestarts).Namespace!);

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task What_crashes_is_back_at_once_with_a_word_and_what_was_stopped_or_has_done_its_work_is_not()
    {
        var builder = Create();
        Add(builder, "done", "exit 0");
        Add(builder, "stopped", Serve);
        Add(builder, "service", Serve);
        await using var app = await SmallApp.StartAsync(builder, "stopped", "service");
        await app.UntilAsync("done", change => change.Snapshot.ExitCode == 0);
        await app.CommandAsync("stopped", KnownResourceCommands.StopCommand);
        await app.UntilAsync("stopped", change => change.Snapshot.State?.Text is "Exited" or "Finished");

        for (var (crashes, process) = (1, 0); crashes <= 5; crashes++)
        {
            process = await app.RunsAnewAsync("service", process);
            Kill(process);
        }

        await Eventually.SeesAsync(
            SmallApp.Patience, () => Task.FromResult(_log.Lines.Count), count => count == 5,
            "each crash is told, and that the process comes back");
        Assert.All(_log.Lines, line => Assert.Matches("^service-[a-z]+ was killed: it is started again in [0-9.]+ s.$", line));
        Assert.EndsWith("in 0.2 s.", _log.Lines.First(), StringComparison.Ordinal);
        Assert.EndsWith("in 3.2 s.", _log.Lines.Last(), StringComparison.Ordinal);
        Assert.Contains(await app.LogAsync("service"), line => line.EndsWith("is started again in 0.2 s.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_crashes_four_times_before_it_was_ever_healthy_stays_down_and_says_why()
    {
        var builder = Create();
        Add(builder, "service", Crash).WithHealthCheck("never");
        await using var app = await SmallApp.StartAsync(builder);

        var last = await Eventually.SeesAsync(
            SmallApp.Patience, () => Task.FromResult(_log.Lines.LastOrDefault() ?? ""),
            line => line.Contains("stays down", StringComparison.Ordinal), "given up");

        Assert.Matches(
            "^service-[a-z]+ crashed 4 times before it was ever healthy, ended with exit code 3 at last and stays down. Its last words:",
            last);
        Assert.Contains("There is no such table.", last, StringComparison.Ordinal);
        Assert.Equal(4, _log.Lines.Count);
        Assert.False(Lifetime(app).ApplicationStopping.IsCancellationRequested, "Nobody waits for it, and the application was ended.");
    }

    [Fact]
    public async Task A_server_that_was_healthy_once_is_started_again_however_often_it_crashes()
    {
        var builder = Create();
        builder.UseLocalServers();
        var cache = builder.AddRedis("cache");
        Add(builder, "shop", Serve).WaitFor(cache);
        await using var app = await SmallApp.StartAsync(builder, "cache", "shop");

        var process = 0;
        for (var crashes = 1; crashes <= 5; crashes++)
        {
            process = await app.RunsAnewAsync("cache", process);
            Kill(process);
        }

        await app.RunsAnewAsync("cache", process);
        Assert.All(_log.Lines, line => Assert.StartsWith("cache was killed: it is started again in ", line, StringComparison.Ordinal));
        Assert.False(Lifetime(app).ApplicationStopping.IsCancellationRequested, "The application was ended over crashes that it got over.");
    }

    [Fact]
    public async Task A_server_that_something_stands_in_the_way_of_is_back_when_it_is_gone()
    {
        var builder = SmallApp.CreateKept(_folder);
        Prepare(builder);
        builder.AddRedis("cache").WithDataVolume("kept");
        await using var app = await SmallApp.StartAsync(builder, "cache");
        var (data, aside) = (Path.Combine(_folder.FullName, "volumes", "kept"), Path.Combine(_folder.FullName, "aside"));

        Directory.Move(data, aside);
        await File.WriteAllTextAsync(data, "A file where its folder was.", TestContext.Current.CancellationToken);
        var process = await app.RunsAnewAsync("cache", 0);
        Kill(process);
        await Eventually.SeesAsync(
            SmallApp.Patience, () => Task.FromResult(
                _log.Lines.Count(line => line.StartsWith("cache can't be started: it is started again in ", StringComparison.Ordinal))),
            count => count > 1, "it is tried again");
        Assert.Contains(await app.LogAsync("cache"), line =>
            line.Contains("The data directory of cache can't be used", StringComparison.Ordinal));

        File.Delete(data);
        Directory.Move(aside, data);
        await app.RunsAnewAsync("cache", process);
    }

    [Theory]
    [InlineData("/bin/sh", "crashed 4 times before it was ever healthy")]
    [InlineData("/no/such/program", "can't be started")]
    public async Task Without_one_that_others_wait_for_the_application_ends_and_says_who_waits(string program, string what)
    {
        var builder = Create();
        var database = builder.AddExecutable("database", program, _folder.FullName, "-c", Crash).WithHealthCheck("never");
        Add(builder, "shop", Serve).WaitFor(database);
        await using var app = builder.Build();
        var started = app.StartAsync(TestContext.Current.CancellationToken);

        await Eventually.SeesAsync(
            SmallApp.Patience, () => Task.FromResult(Lifetime(app).ApplicationStopping.IsCancellationRequested), ends => ends,
            "the application ends");

        Assert.Contains(_log.Lines, line =>
            line.StartsWith("database-", StringComparison.Ordinal)
            && line.Contains($"{what}", StringComparison.Ordinal)
            && line.Contains("For it wait shop. Without it the shop can't come up.", StringComparison.Ordinal));
        await Record.ExceptionAsync(() => started);
    }

    [Fact]
    public async Task Without_restarts_what_crashed_stays_down_and_the_end_still_goes_in_order()
    {
        var builder = Create("--Supervision:Restarts=false");
        var ends = Path.Combine(_folder.FullName, "ends");
        // Asked to end, each takes a moment: the later ones must wait for the earlier.
        string Ending(string name) => $"trap 'sleep 0.5; echo {name} >>{ends}; exit 0' TERM; {Serve}";
        var server = Add(builder, "server", Ending("server"));
        var service = Add(builder, "service", Ending("service")).WaitFor(server);
        Add(builder, "gateway", Ending("gateway")).WaitFor(service);
        Add(builder, "crashing", Serve);
        await using (var app = await SmallApp.StartAsync(builder, "gateway", "crashing"))
        {
            Kill(await app.RunsAnewAsync("crashing", 0));
            var line = await Eventually.SeesAsync(
                SmallApp.Patience, () => Task.FromResult(_log.Lines.SingleOrDefault() ?? ""), said => said.Length > 0, "the crash is told");
            Assert.Contains("was killed and stays down, as Supervision:Restarts=false asks.", line, StringComparison.Ordinal);
            await app.StopAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(["gateway", "service", "server"], await File.ReadAllLinesAsync(ends, TestContext.Current.CancellationToken));
    }

    private IDistributedApplicationBuilder Create(params string[] arguments)
    {
        var builder = SmallApp.Create(arguments);
        Prepare(builder);
        return builder;
    }

    private void Prepare(IDistributedApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ILoggerProvider>(_log);
        builder.Services.AddHealthChecks().AddCheck("never", () => HealthCheckResult.Unhealthy());
        builder.Services.AddSupervision();
    }

    private IResourceBuilder<ExecutableResource> Add(IDistributedApplicationBuilder builder, string name, string script) =>
        builder.AddExecutable(name, "/bin/sh", _folder.FullName, "-c", script);

    private static IHostApplicationLifetime Lifetime(DistributedApplication app) =>
        app.Services.GetRequiredService<IHostApplicationLifetime>();

    private static void Kill(int id)
    {
        using var process = Process.GetProcessById(id);
        process.Kill(entireProcessTree: true);
    }
}
