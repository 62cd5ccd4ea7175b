using Embedded.Hosting.Servers;
using Shop.Tests.Embedded.Servers;
using StackExchange.Redis;

namespace Shop.Tests.Embedded.FillIns;

/// <summary>A real Redis for the tests of a class.</summary>
public sealed class RedisFixture : IAsyncLifetime
{
    private readonly ServerBench _bench = new();
    private readonly ServerSettings _settings;
    private RedisServer? _server;

    public RedisFixture() => _settings = _bench.Settings("cache");

    public int Port => _settings.Port;

    public async ValueTask InitializeAsync() => await StartAsync();

    /// <summary>Starts it (again), with the data it had.</summary>
    public async Task StartAsync() => _server = await _bench.StartAsync(new RedisServer(_settings));

    /// <summary>SIGKILL, and waits for the end.</summary>
    public async Task KillAsync()
    {
        _server!.Kill();
        await _server.MainProcess.Exited;
    }

    public ConfigurationOptions Options(RedisProtocol protocol = RedisProtocol.Resp2, int? port = null) => new()
    {
        EndPoints = { { "127.0.0.1", port ?? Port } },
        Password = _settings.Password,
        Protocol = protocol,
        AllowAdmin = true,
        AbortOnConnectFail = false,
        // The machine may be busy with other tests; what is slow is not wrong here.
        AsyncTimeout = 20_000,
        SyncTimeout = 20_000,
    };

    public async Task<ConnectionMultiplexer> ConnectAsync(RedisProtocol protocol = RedisProtocol.Resp2, int? port = null)
    {
        var connection = await ConnectionMultiplexer.ConnectAsync(Options(protocol, port));
        Assert.True(connection.IsConnected, connection.GetStatus());
        return connection;
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();
}
