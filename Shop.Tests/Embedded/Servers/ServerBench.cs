using System.Collections.Concurrent;
using Embedded.Hosting.Endpoints;
using Embedded.Hosting.Processes;
using Embedded.Hosting.Servers;

namespace Shop.Tests.Embedded.Servers;

/// <summary>What a server test needs around it: a guardian, a directory of its own, the server's lines.</summary>
internal sealed class ServerBench : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("shop-servers-");
    private readonly List<NativeServer> _started = [];

    public Guardian Guardian { get; } = Guardian.Start();

    public ConcurrentQueue<string> Lines { get; } = [];

    public ConcurrentQueue<string> Announced { get; } = [];

    public static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ServerSettings Settings(string name = "server", string password = "p4ss \"word\\'§", bool mayInstall = true) =>
        new(name, Path.Combine(_directory.FullName, "volumes", name), Path.Combine(_directory.FullName, "logs"), FreePorts.Take(), "shop", password, mayInstall);

    public async Task<T> StartAsync<T>(T server) where T : NativeServer
    {
        _started.Add(server);
        await server.PrepareAsync(Announced.Enqueue, Ct);
        await server.StartAsync(Guardian, (line, _) => Lines.Enqueue(line), Ct);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _started)
            server.Kill();
        await Guardian.DisposeAsync();
        // Killed processes may be writing until they are gone.
        await Eventually.HoldsAsync(() =>
        {
            try
            {
                _directory.Delete(recursive: true);
                return true;
            }
            catch (IOException)
            {
                return false;
            }
        });
    }
}
