using System.Net.Sockets;
using System.Text;
using Embedded.Hosting.Processes;

namespace Embedded.Hosting.Servers;

/// <summary>Redis, or Valkey where a distribution has that instead.</summary>
internal sealed class RedisServer(ServerSettings settings) : NativeServer(settings)
{
    private static readonly SystemPackage Package = new("redis-server|valkey-server", "valkey|redis", "redis", "redis-server", "valkey-server");

    private string _program = "redis-server";

    protected override string Product => "Redis";

    private string ConfigurationFile => Path.Combine(Settings.DataDirectory, "redis.conf");

    protected override async Task LocateAsync(Action<string> announce, CancellationToken ct) =>
        _program = await SystemPackages.EnsureAsync("Redis", () => SearchPath.Find("redis-server", "valkey-server"), Package, Settings.MayInstall, SearchPath, announce, ct);

    protected override Task InitialiseAsync(Action<string> announce, CancellationToken ct)
    {
        // In a file, because everybody may read the command line of a process.
        WriteSecret(ConfigurationFile, $"""
            bind 127.0.0.1
            port {Settings.Port}
            protected-mode yes
            requirepass {Quote(Settings.Password)}
            daemonize no
            dir {Quote(Settings.DataDirectory)}
            save ""
            appendonly yes
            appendfsync everysec
            loglevel notice
            logfile ""

            """);
        return Task.CompletedTask;
    }

    protected override Task<ChildProcess> LaunchAsync(Guardian guardian, Action<string, bool> onLine, CancellationToken ct) =>
        Task.FromResult(ChildProcess.Start(
            new ProcessStart(_program, [ConfigurationFile], Settings.DataDirectory, new Dictionary<string, string>()), guardian, onLine));

    protected override async Task<string?> ProbeAsync(NetworkStream stream, CancellationToken ct)
    {
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"*2\r\n$4\r\nAUTH\r\n${Encoding.UTF8.GetByteCount(Settings.Password)}\r\n{Settings.Password}\r\n*1\r\n$4\r\nPING\r\n"), ct);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        for (var i = 0; i < 2; i++)
        {
            var answer = await reader.ReadLineAsync(ct);
            if (answer is null)
                return "the connection was closed";
            if (answer[0] != '+')
                return answer.TrimStart('-');
        }

        return null;
    }

    private static string Quote(string value) => $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
