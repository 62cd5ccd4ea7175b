using System.Runtime.Versioning;
using Shop.LocalServers;

namespace Shop.Tests.LocalServers;

/// <summary>Applications of a few resources, as the AppHost runs them, and what can be seen of their processes.</summary>
internal static class SmallApp
{
    /// <summary>Far beyond what it takes; the first run may have to install the servers.</summary>
    public static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(5);

    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>An application as a test runs it: all data is fresh.</summary>
    public static IDistributedApplicationBuilder Create(params string[] arguments) =>
        CreateWith([.. arguments, "--DcpPublisher:RandomizePorts=true"]);

    /// <summary>An application as somebody runs it every day, with data that is kept in this folder.</summary>
    public static IDistributedApplicationBuilder CreateKept(DirectoryInfo folder)
    {
        var builder = CreateWith([]);
        builder.UseLocalServers();
        builder.Services.AddSingleton(_ => new DataDirectories(allFresh: false, folder.FullName));
        return builder;
    }

    private static IDistributedApplicationBuilder CreateWith(string[] arguments) =>
        DistributedApplication.CreateBuilder(new DistributedApplicationOptions
        {
            // It knows where Aspire's orchestrator lies.
            AssemblyName = typeof(Projects.Shop_AppHost).Assembly.GetName().Name,
            DisableDashboard = true,
            Args =
            [
                .. arguments, "--SHOP_SERVERS=local", "--Logging:LogLevel:Default=Warning",
                "--DcpPublisher:WaitForResourceCleanup=true",
                // A server that is only just starting is no news.
                "--Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks=None",
            ],
        });

    public static async Task<DistributedApplication> StartAsync(IDistributedApplicationBuilder builder, params string[] healthy)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(StartLimit);
        var app = builder.Build();
        try
        {
            await app.StartAsync(limit.Token);
            foreach (var resource in healthy)
                await app.ResourceNotifications.WaitForResourceHealthyAsync(resource, limit.Token);
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Gives a command by the same way as the dashboard; it must succeed.</summary>
    public static async Task<ExecuteCommandResult> CommandAsync(this DistributedApplication app, string resource, string command)
    {
        var done = await app.ResourceCommands.ExecuteCommandAsync(resource, command, Cancellation);
        Assert.True(done.Success, $"{command} {resource}: {done.Message}");
        return done;
    }

    /// <summary>Waits until a resource is in this state.</summary>
    public static Task<ResourceEvent> IsAsync(this DistributedApplication app, string resource, string state) =>
        app.UntilAsync(resource, change => change.Snapshot.State?.Text == state);

    /// <summary>Waits until a resource runs in another process than this one.</summary>
    public static async Task<int> RunsAnewAsync(this DistributedApplication app, string resource, int before) =>
        ProcessOf(await app.UntilAsync(resource, change =>
            change.Snapshot.State?.Text == KnownResourceStates.Running && ProcessOf(change) is var process && process != 0
                && process != before));

    public static async Task<ResourceEvent> UntilAsync(this DistributedApplication app, string resource, Func<ResourceEvent, bool> holds)
    {
        ResourceEvent? last = null;
        try
        {
            return await app.ResourceNotifications.WaitForResourceAsync(resource, change => holds(last = change), Cancellation)
                .WaitAsync(Patience, Cancellation);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Last seen of {resource}: {last?.Snapshot.State?.Text}, {last?.Snapshot.HealthStatus}, process "
                + $"{(last is null ? 0 : ProcessOf(last))}.");
        }
    }

    /// <summary>The process that runs a resource, a server's script; 0 while there is none.</summary>
    public static int ProcessOf(ResourceEvent change) =>
        Convert.ToInt32(
            change.Snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value ?? 0,
            CultureInfo.InvariantCulture);

    /// <summary>What a resource has said so far, without the time before each line.</summary>
    public static async Task<IReadOnlyList<string>> LogAsync(this DistributedApplication app, string resource)
    {
        var lines = new List<string>();
        var sayer = app.Services.GetRequiredService<DistributedApplicationModel>().Resources.Single(one => one.Name == resource);
        await foreach (
            var some in app.Services.GetRequiredService<ResourceLoggerService>().GetAllAsync(sayer).WithCancellation(Cancellation))
            lines.AddRange(some.Select(line => line.Content[(line.Content.IndexOf(' ', StringComparison.Ordinal) + 1)..]));
        return lines;
    }

    /// <summary>The processes that work in a folder, or were told of it by their environment, with their command lines.</summary>
    [SupportedOSPlatform("linux")]
    public static IReadOnlyDictionary<int, string> ProcessesOf(string folder)
    {
        var found = new Dictionary<int, string>();
        foreach (var process in new DirectoryInfo("/proc").EnumerateDirectories())
        {
            if (!int.TryParse(process.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id == Environment.ProcessId)
                continue;
            try
            {
                if (File.ResolveLinkTarget(
                    $"{process.FullName}/cwd", returnFinalTarget: false)?.FullName.StartsWith(folder, StringComparison.Ordinal) == true
                    || File.ReadAllText($"{process.FullName}/environ").Contains(folder, StringComparison.Ordinal))
                    found[id] = File.ReadAllText($"{process.FullName}/cmdline").Replace('\0', ' ');
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // It has ended meanwhile, or is another user's.
            }
        }

        return found;
    }
}
