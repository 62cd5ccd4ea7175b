using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Shop.Benchmarks.Topology;

/// <summary>The whole shop as its AppHost describes it: real servers, real processes, fresh data, free ports.</summary>
public sealed class ShopTopology : IAsyncDisposable
{
    /// <summary>Far beyond what a start takes with everything installed: the first one may have to install the servers.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(8);

    private static readonly IReadOnlyDictionary<string, string> NoSettings = new Dictionary<string, string>();

    private static readonly TimeSpan RestartLimit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan HealthLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    private readonly HttpClient _health = new() { Timeout = HealthLimit };
    private readonly DirectoryInfo _mail = Directory.CreateTempSubdirectory("shop-benchmarks-mail-");
    private readonly IReadOnlyDictionary<string, string> _settings;
    private IReadOnlyDictionary<string, string> _settingsOfNextStart = NoSettings;
    private DistributedApplication? _app;
    private NpgsqlDataSource? _database;

    private ShopTopology(TopologyOptions options) => _settings = options.Settings;

    public DistributedApplication App => _app ?? throw new InvalidOperationException("The shop has not been started.");

    /// <summary>What the shop has stored, asked past all its code.</summary>
    public NpgsqlDataSource Database => _database ?? throw new InvalidOperationException("The shop has not been started.");

    /// <summary>Lets into <c>/api/v1/admin</c>.</summary>
    public string AdminKey { get; } = Guid.NewGuid().ToString("N") + Guid.NewGuid().ToString("N");

    /// <summary>What guests' order tokens are made with.</summary>
    public string OrderTokenKey { get; } = Guid.NewGuid().ToString("N") + Guid.NewGuid().ToString("N");

    /// <summary>Where the shop's e-mails go.</summary>
    public DirectoryInfo Mail => _mail;

    /// <summary>The replicas of the API at their own addresses, past the proxy that they share.</summary>
    public IReadOnlyList<IPEndPoint> Api { get; private set; } = [];

    /// <summary>The way customers come.</summary>
    public IPEndPoint Gateway => new(IPAddress.Loopback, App.GetEndpoint("webfrontend", "http").Port);

    /// <exception cref="ShopFailedException">It couldn't be started.</exception>
    /// <exception cref="OperationCanceledException">It took longer than eight minutes, or was cancelled.</exception>
    public static async Task<ShopTopology> StartAsync(TopologyOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var topology = new ShopTopology(options);
        try
        {
            await topology.StartCoreAsync(options, cancellationToken);
            return topology;
        }
        catch (OperationCanceledException)
        {
            await topology.DisposeAsync();
            throw;
        }
        catch (Exception failure)
        {
            await topology.DisposeAsync();
            throw new ShopFailedException($"The shop couldn't be started. {failure.Message}", failure);
        }
    }

    /// <summary>A client of the address that all replicas share. Unlike Aspire's own it neither tries again nor gives up early.</summary>
    public HttpClient Client(string resource, string endpoint = "http") => new() { BaseAddress = App.GetEndpoint(resource, endpoint) };

    /// <summary>Starts one replica of a service anew with other settings; the others go on with theirs.</summary>
    /// <param name="replica">One of the service's instances.</param>
    /// <param name="settings">What is added to the shop's.</param>
    /// <returns>Its own address.</returns>
    /// <exception cref="TimeoutException">It didn't become healthy in time.</exception>
    public async Task<IPEndPoint> RestartReplicaAsync(
        ResourceEvent replica, IReadOnlyDictionary<string, string> settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(replica);
        await CommandAsync(replica.ResourceId, KnownResourceCommands.StopCommand, cancellationToken);
        _settingsOfNextStart = settings;
        await CommandAsync(replica.ResourceId, KnownResourceCommands.StartCommand, cancellationToken);
        _settingsOfNextStart = NoSettings;
        var start = Stopwatch.GetTimestamp();
        using var pulse = new PeriodicTimer(LookAgain);
        while (Stopwatch.GetElapsedTime(start) < RestartLimit)
        {
            // Not what is still known of its predecessor.
            var started = (await App.InstancesAsync(replica.Resource.Name, cancellationToken)).FirstOrDefault(instance =>
                instance.ResourceId == replica.ResourceId && AppProcesses.ProcessIdOf(instance) != AppProcesses.ProcessIdOf(replica));
            if (started is not null && await IsHealthyAsync(started, cancellationToken))
                return OwnAddress(started)!;
            await pulse.WaitForNextTickAsync(cancellationToken);
        }

        throw new TimeoutException($"{replica.ResourceId} isn't healthy {RestartLimit.TotalSeconds:0} s after its start.");
    }

    /// <summary>
    /// Whether an instance is healthy. Of a service's replicas Aspire knows whether one of them answered lately: each is asked itself.
    /// </summary>
    public async Task<bool> IsHealthyAsync(ResourceEvent instance, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(instance);
        if (OwnAddress(instance) is not { } address)
            return instance.Snapshot.HealthStatus == HealthStatus.Healthy;
        try
        {
            using var answer = await _health.GetAsync($"http://{address}/health", cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception no) when (no is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>A command to a resource or to one of its instances.</summary>
    /// <exception cref="ShopFailedException">It couldn't be carried out.</exception>
    public async Task CommandAsync(string resource, string command, CancellationToken cancellationToken)
    {
        var done = await App.ResourceCommands.ExecuteCommandAsync(resource, command, cancellationToken);
        if (!done.Success)
            throw new ShopFailedException($"{command} {resource}: {done.Message}");
    }

    /// <summary>The single value of a query.</summary>
    public async Task<T> AskAsync<T>(string sql, CancellationToken cancellationToken, params object[] values)
    {
        await using var command = Database.CreateCommand(sql);
        foreach (var value in values ?? [])
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public async ValueTask DisposeAsync()
    {
        _health.Dispose();
        if (_database is not null)
            await _database.DisposeAsync();
        if (_app is not null)
        {
            // Without it Aspire's test host goes away after ten seconds, whatever still runs.
            await _app.StopAsync();
            await _app.DisposeAsync();
        }

        _mail.Delete(recursive: true);
    }

    /// <summary>Where an instance of a service itself listens, as it was told; null for a server.</summary>
    private static IPEndPoint? OwnAddress(ResourceEvent instance) =>
        instance.Snapshot.EnvironmentVariables.FirstOrDefault(variable => variable.Name == "ASPNETCORE_URLS")?.Value is { } url
            ? new(IPAddress.Loopback, new Uri(url.Split(';')[0]).Port)
            : null;

    private async Task StartCoreAsync(TopologyOptions options, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StartLimit);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Shop_AppHost>(
            [
                $"--Replicas:apiservice={options.ApiReplicas}", $"--Replicas:worker={options.WorkerReplicas}",
                $"--Mail={_mail.FullName}", $"--Parameters:admin-key={AdminKey}",
                $"--Parameters:order-token-key={OrderTokenKey}",
            ],
            (application, _) => application.DisableDashboard = !options.WithDashboard,
            limit.Token);
        foreach (var service in builder.Resources.OfType<ProjectResource>())
        {
            // As in production: in Development an error's answer tells more, and costs more.
            builder.CreateResourceBuilder(service)
                .WithEnvironment("ASPNETCORE_ENVIRONMENT", "Production")
                .WithEnvironment("DOTNET_ENVIRONMENT", "Production")
                .WithEnvironment("RateLimiting__Enabled", "false")
                // Asked at every start, so that a restart brings new settings.
                .WithEnvironment(context =>
                {
                    foreach (var (name, value) in _settings.Concat(_settingsOfNextStart))
                        context.EnvironmentVariables[name] = value;
                    // Given by Aspire all the same; then each service would go on trying to reach a dashboard that isn't there.
                    if (!options.WithDashboard)
                        context.EnvironmentVariables.Remove("OTEL_EXPORTER_OTLP_ENDPOINT");
                });
        }

        // The console is for what was measured.
        builder.Configuration["Logging:LogLevel:Default"] = "Warning";
        builder.Configuration["Logging:LogLevel:Shop.AppHost.Resources"] = "None";
        builder.Configuration["Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks"] = "None";

        _app = await builder.BuildAsync(limit.Token);
        await _app.StartAsync(limit.Token);
        foreach (var resource in new[] { "apiservice", "worker", "webfrontend" })
            await _app.ResourceNotifications.WaitForResourceHealthyAsync(resource, limit.Token);
        _database = NpgsqlDataSource.Create((await _app.GetConnectionStringAsync("shopdb", limit.Token))!);
        Api = [.. (await _app.InstancesAsync("apiservice", limit.Token)).Select(instance => OwnAddress(instance)!)];
    }
}
