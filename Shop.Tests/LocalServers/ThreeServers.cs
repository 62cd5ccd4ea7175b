using System.Diagnostics.CodeAnalysis;
using RabbitMQ.Client;
using Shop.LocalServers;
using StackExchange.Redis;

namespace Shop.Tests.LocalServers;

/// <summary>One server of each kind, as this machine's own programs with fresh data.</summary>
[SuppressMessage("Performance", "CA1812", Justification = "xUnit makes it.")]
public sealed class ThreeServers : IAsyncLifetime
{
    /// <summary>With all that a shell, a configuration file and a statement could stumble over.</summary>
    public const string Password = @"it's-a-\$HOME-of-""secrets""-x";

    private DistributedApplication? _app;

    public DistributedApplication App => _app ?? throw new InvalidOperationException("The servers have not been started.");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = SmallApp.Create();
        builder.UseLocalServers();
        Add(builder, Password);
        _app = await SmallApp.StartAsync(builder, "postgres", "shopdb", "cache", "messaging");
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
    }

    internal static void Add(IDistributedApplicationBuilder builder, string password)
    {
        var secret = builder.AddParameter("password", password, secret: true);
        builder.AddPostgres("postgres", password: secret).WithDataVolume("test-postgres").AddDatabase("shopdb");
        builder.AddRedis("cache", password: secret).WithDataVolume("test-cache");
        builder.AddRabbitMQ("messaging", password: secret).WithManagementPlugin().WithDataVolume("test-messaging");
    }

    internal static async Task<string> ConnectionStringAsync(DistributedApplication app, string resource) =>
        await app.GetConnectionStringAsync(resource, Cancellation)
            ?? throw new InvalidOperationException($"{resource} has no connection string.");

    /// <summary>A connection to the database; without a pool, so that it is no other than the server's of now.</summary>
    internal static async Task<NpgsqlConnection> OpenDatabaseAsync(DistributedApplication app, string? password = null)
    {
        var settings = new NpgsqlConnectionStringBuilder(await ConnectionStringAsync(app, "shopdb")) { Pooling = false };
        settings.Password = password ?? settings.Password;
        var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(Cancellation);
        return connection;
    }

    internal static async Task<ConnectionMultiplexer> OpenCacheAsync(DistributedApplication app, string? password = null)
    {
        var settings = ConfigurationOptions.Parse(await ConnectionStringAsync(app, "cache"));
        settings.Password = password ?? settings.Password;
        return await ConnectionMultiplexer.ConnectAsync(settings);
    }

    internal static async Task<IConnection> OpenBrokerAsync(DistributedApplication app, string? password = null)
    {
        var factory = new ConnectionFactory
        {
            Uri = new Uri(await ConnectionStringAsync(app, "messaging")),
            AutomaticRecoveryEnabled = false
        };
        factory.Password = password ?? factory.Password;
        return await factory.CreateConnectionAsync(Cancellation);
    }
}
