using System.Globalization;
using System.Net;
using Npgsql;

namespace Shop.Benchmarks.Topology;

/// <summary>The whole shop as its AppHost describes it: real servers, real processes, fresh data, free ports.</summary>
public sealed class ShopTopology : IAsyncDisposable
{
    /// <summary>Far beyond what a start takes with everything installed: the first one may have to install the servers.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(8);

    private static readonly IReadOnlyDictionary<string, string> NoSettings = new Dictionary<string, string>();

    private static readonly TimeSpan RestartLimit = TimeSpan.FromMinutes(1);

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

    /// <summary>Where the shop's e-mails go.</summary>
    public DirectoryInfo Mail => _mail;

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

    /// <summary>A client of a resource's stable endpoint.</summary>
    public HttpClient Client(string resource) => App.CreateHttpClient(resource, "http");

    /// <summary>A resource's stable endpoint, past the name <c>localhost</c>, which would be looked up for each connection.</summary>
    public IPEndPoint Endpoint(string resource) => new(IPAddress.Loopback, App.GetEndpoint(resource, "http").Port);

    /// <summary>One replica's own address, past the endpoint that all replicas share.</summary>
    /// <exception cref="ShopFailedException">It doesn't run.</exception>
    public IPEndPoint ReplicaEndpoint(string replica) =>
        App.ResourceNotifications.TryGetCurrentState(replica, out var known) && known.Snapshot.Urls.LastOrDefault(url => url.IsInternal) is { } own
            ? IPEndPoint.Parse(new Uri(own.Url).Authority)
            : throw new ShopFailedException($"{replica} doesn't run.");

    /// <summary>Starts one replica of a service anew with other settings; the others go on with theirs.</summary>
    /// <param name="replica">Its name: <c>apiservice-2</c>.</param>
    /// <param name="settings">What is added to the shop's.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task RestartReplicaAsync(string replica, IReadOnlyDictionary<string, string> settings, CancellationToken cancellationToken)
    {
        await CommandAsync(replica, "stop", cancellationToken);
        _settingsOfNextStart = settings;
        await CommandAsync(replica, "start", cancellationToken);
        await HealthyAsync(replica, RestartLimit, cancellationToken);
        _settingsOfNextStart = NoSettings;
    }

    /// <summary>A command to a resource or one of its replicas: stop, start, and the embedded engine's kill, suspend and resume.</summary>
    /// <exception cref="ShopFailedException">It couldn't be carried out.</exception>
    public async Task CommandAsync(string resource, string command, CancellationToken cancellationToken)
    {
        var done = await App.ResourceCommands.ExecuteCommandAsync(resource, command, cancellationToken);
        if (!done.Success)
            throw new ShopFailedException($"{command} {resource}: {done.Message}");
    }

    /// <exception cref="TimeoutException">It didn't become healthy in time.</exception>
    public Task HealthyAsync(string resource, TimeSpan within, CancellationToken cancellationToken) =>
        App.ResourceNotifications.WaitForResourceHealthyAsync(resource, cancellationToken).WaitAsync(within, cancellationToken);

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
        if (_database is not null)
            await _database.DisposeAsync();
        if (_app is not null)
            await _app.DisposeAsync();
        _mail.Delete(recursive: true);
    }

    private async Task StartCoreAsync(TopologyOptions options, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StartLimit);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Shop_AppHost>(
            [
                "--scale",
                string.Create(CultureInfo.InvariantCulture, $"apiservice={options.ApiReplicas}"),
                string.Create(CultureInfo.InvariantCulture, $"worker={options.WorkerReplicas}"),
                "--mail", _mail.FullName,
                $"--Parameters:admin-key={AdminKey}",
                $"--Dashboard:Enabled={options.WithDashboard}",
            ],
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
                });
        }

        _app = await builder.BuildAsync(limit.Token);
        await _app.StartAsync(limit.Token);
        foreach (var resource in new[] { "apiservice", "worker", "webfrontend" })
            await _app.ResourceNotifications.WaitForResourceHealthyAsync(resource, limit.Token);
        _database = NpgsqlDataSource.Create((await _app.GetConnectionStringAsync("shopdb", limit.Token))!);
    }
}
