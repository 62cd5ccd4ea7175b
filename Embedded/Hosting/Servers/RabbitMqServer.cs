using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Embedded.Hosting.Endpoints;
using Embedded.Hosting.Processes;

namespace Embedded.Hosting.Servers;

/// <summary>
/// A private RabbitMQ node with an epmd (Erlang's name service) of its own, so that several run side by side and none
/// is left behind.
/// </summary>
internal sealed class RabbitMqServer(ServerSettings settings, bool managementPlugin, int? managementPort) : NativeServer(settings)
{
    private static readonly SystemPackage Package = new("rabbitmq-server", "rabbitmq-server", "rabbitmq", "rabbitmq-server", "epmd");

    // An epmd that isn't there makes the node start one by itself, which nobody would stop.
    private static readonly TimeSpan EpmdTimeout = TimeSpan.FromSeconds(10);

    private readonly int _epmdPort = FreePorts.Take();
    private readonly int _distributionPort = FreePorts.Take();
    private readonly int _managementPort = managementPort ?? FreePorts.Take();
    private string _script = "";
    private string _epmdProgram = "";
    private ChildProcess? _epmd;

    protected override string Product => "RabbitMQ";

    /// <summary>The node's name is part of its data: it must be the same whenever the data is used.</summary>
    private string NodeName => $"{string.Concat(Settings.ResourceName.Where(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))}@localhost";

    public override async Task StopAsync(TimeSpan grace)
    {
        await base.StopAsync(grace);
        if (_epmd is not null)
            await _epmd.StopAsync(grace);
    }

    public override void Kill()
    {
        base.Kill();
        _epmd?.Kill();
    }

    protected override async Task LocateAsync(Action<string> announce, CancellationToken ct)
    {
        _script = await SystemPackages.EnsureAsync("RabbitMQ", FindScript, Package, Settings.MayInstall, SearchPath, announce, ct);
        _epmdProgram = FindEpmd()
            ?? throw new EmbeddedHostingException("RabbitMQ is installed, but Erlang's epmd is neither on PATH nor in the usual places. Put its directory on PATH.");
    }

    protected override Task InitialiseAsync(Action<string> announce, CancellationToken ct)
    {
        MakePrivate(Settings.DataDirectory);
        var cookie = InData(".erlang.cookie");
        if (!File.Exists(cookie))
            WriteSecret(cookie, Convert.ToHexString(RandomNumberGenerator.GetBytes(20)));

        File.WriteAllText(InData("enabled_plugins"), managementPlugin ? "[rabbitmq_management].\n" : "[].\n");
        // Erlang's terms rather than rabbitmq.conf: that one's translation would take a second of every start.
        WriteSecret(InData("rabbitmq.config"), $$"""
            [
              {rabbit, [
                {tcp_listeners, [{"127.0.0.1", {{Settings.Port}}}]},
                {default_user, {{Binary(Settings.UserName)}}},
                {default_pass, {{Binary(Settings.Password)}}},
                {disk_free_limit, 50000000},
                {vm_memory_high_watermark, 0.4},
                {log, [{console, [{enabled, true}, {level, info}]}, {categories, [{connection, [{level, error}]}]}]}
              ]},
              {rabbitmq_management, [{tcp_config, [{ip, "127.0.0.1"}, {port, {{_managementPort}}}]}]}
            ].

            """);
        return Task.CompletedTask;
    }

    protected override async Task<ChildProcess> LaunchAsync(Guardian guardian, Action<string, bool> onLine, CancellationToken ct)
    {
        if (_epmd is not { HasExited: false })
        {
            _epmd = ChildProcess.Start(
                new ProcessStart(_epmdProgram, ["-address", "127.0.0.1", "-port", _epmdPort.ToString(CultureInfo.InvariantCulture)], Settings.DataDirectory, Environment()) { InheritEnvironment = false },
                guardian,
                onLine);
            await WaitForEpmdAsync(_epmd, ct);
        }

        return ChildProcess.Start(new ProcessStart(_script, [], Settings.DataDirectory, Environment()) { InheritEnvironment = false }, guardian, onLine);
    }

    protected override async Task<string?> ProbeAsync(NetworkStream stream, CancellationToken ct)
    {
        await stream.WriteAsync("AMQP\0\0\u0009\u0001"u8.ToArray(), ct);
        // A method frame on channel 0 (type 1, size), and in it class 10, method 10: Connection.Start (AMQP 0-9-1, 4.2).
        var answer = new byte[11];
        var length = await stream.ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false, ct);
        return length < answer.Length ? "the connection was closed"
            : answer[0] == 1 && BinaryPrimitives.ReadInt32BigEndian(answer.AsSpan(7)) == 0x000A000A ? null
            : "an unexpected answer";
    }

    private Dictionary<string, string> Environment() => new()
    {
        ["PATH"] = string.Join(Path.PathSeparator, SearchPath.Directories.Prepend(Path.GetDirectoryName(_epmdProgram)!)),
        ["HOME"] = Settings.DataDirectory,
        ["LANG"] = "C.UTF-8",
        ["ERL_EPMD_PORT"] = _epmdPort.ToString(CultureInfo.InvariantCulture),
        ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        ["RABBITMQ_NODENAME"] = NodeName,
        ["RABBITMQ_MNESIA_BASE"] = InData("mnesia"),
        ["RABBITMQ_MNESIA_DIR"] = InData("mnesia/node"),
        ["RABBITMQ_LOG_BASE"] = Settings.LogDirectory,
        ["RABBITMQ_LOGS"] = "-",
        ["RABBITMQ_CONFIG_FILE"] = InData("rabbitmq.config"),
        // Files of a RabbitMQ installed for the whole machine are none of this one's.
        ["RABBITMQ_CONFIG_FILES"] = InData("none"),
        ["RABBITMQ_ADVANCED_CONFIG_FILE"] = InData("none"),
        ["RABBITMQ_CONF_ENV_FILE"] = InData("none"),
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = InData("enabled_plugins"),
        ["RABBITMQ_PID_FILE"] = InData("node.pid"),
        ["RABBITMQ_DIST_PORT"] = _distributionPort.ToString(CultureInfo.InvariantCulture),
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-start_epmd false -kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none",
        // Makes the script replace itself by the node instead of waiting for it, so that the child is the node.
        ["RUNNING_UNDER_SYSTEMD"] = "true",
    };

    private async Task WaitForEpmdAsync(ChildProcess epmd, CancellationToken ct)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ct);
        timeout.CancelAfter(EpmdTimeout);
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        try
        {
            while (true)
            {
                try
                {
                    using var client = new TcpClient();
                    await client.ConnectAsync(IPAddress.Loopback, _epmdPort, timeout.Token);
                    return;
                }
                catch (SocketException) when (!epmd.HasExited)
                {
                    await poll.WaitForNextTickAsync(timeout.Token);
                }
            }
        }
        catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            epmd.Kill();
            throw new EmbeddedHostingException($"Erlang's epmd ({_epmdProgram}) did not come up on port {_epmdPort}. Look into the log of {Settings.ResourceName}.", e);
        }
    }

    private string? FindScript() =>
        // The distributions' wrapper on PATH changes user and directory: the script it calls is the one.
        SearchPath.Places("usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server", "usr/lib/rabbitmq/bin/rabbitmq-server", "opt/homebrew/opt/rabbitmq/sbin/rabbitmq-server", "usr/local/opt/rabbitmq/sbin/rabbitmq-server", "opt/rabbitmq/sbin/rabbitmq-server")
            .Concat(SearchPath.Directories.Select(d => Path.Combine(d, "rabbitmq-server")).Where(p => File.Exists(Path.Combine(Path.GetDirectoryName(p)!, "rabbitmq-defaults"))))
            .FirstOrDefault(SearchPath.IsExecutable);

    private string? FindEpmd() =>
        SearchPath.Find("epmd")
        ?? SearchPath.Places("usr/lib/erlang/bin/epmd", "usr/lib64/erlang/bin/epmd", "usr/lib64/erlang/erts-*/bin/epmd", "opt/homebrew/opt/erlang/lib/erlang/bin/epmd", "usr/local/opt/erlang/lib/erlang/bin/epmd", "usr/local/lib/erlang/bin/epmd").FirstOrDefault(SearchPath.IsExecutable);

    private string InData(string name) => Path.Combine(Settings.DataDirectory, name);

    // As numbers, since they depend on neither quoting nor the file's encoding.
    private static string Binary(string value) => $"<<{string.Join(',', Encoding.UTF8.GetBytes(value))}>>";
}
