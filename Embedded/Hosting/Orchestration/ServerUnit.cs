using System.Collections.Immutable;
using Embedded.Hosting.Processes;
using Embedded.Hosting.Servers;

namespace Embedded.Hosting;

/// <summary>A private PostgreSQL, Redis or RabbitMQ.</summary>
internal sealed class ServerUnit(Func<CancellationToken, Task<NativeServer>> create, ResourceLog log, Func<Guardian> guardian, Action<string> announce) : IUnit
{
    private NativeServer? _server;

    public bool HasHealthCheck => true;

    public Task<int> Exited => Server.MainProcess.Exited;

    public ResourceLog Log { get; } = log;

    public int? ProcessId => _server?.MainProcessId;

    public IReadOnlyDictionary<string, string> Environment => ImmutableDictionary<string, string>.Empty;

    public string? Url => null;

    public NativeServer Server => _server ?? throw new InvalidOperationException("The server has not been started.");

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_server is null)
        {
            var server = await create(cancellationToken);
            await server.PrepareAsync(announce, cancellationToken);
            _server = server;
        }

        await _server.StartAsync(guardian(), (line, _) => Log.Write(line), cancellationToken);
    }

    /// <summary>The next start prepares the server anew, from nothing.</summary>
    public void Forget() => _server = null;

    public Task<string?> CheckHealthAsync(CancellationToken cancellationToken) => Server.CheckHealthAsync(cancellationToken);

    public void SetHealth(bool healthy)
    {
        // Nothing stands between a server and its callers.
    }

    public Task StopAsync(TimeSpan grace) => _server?.StopAsync(grace) ?? Task.CompletedTask;

    public void OnExited()
    {
        // Nothing stands between a server and its callers.
    }

    public void Kill() => _server?.Kill();

    public void Suspend() => _server?.Suspend();

    public void Resume() => _server?.Resume();
}
