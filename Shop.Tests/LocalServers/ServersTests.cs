using System.Runtime.Versioning;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using StackExchange.Redis;

namespace Shop.Tests.LocalServers;

/// <summary>
/// PostgreSQL, Redis and RabbitMQ as this machine's own programs: what a container would be to the application and to the machine.
/// </summary>
[Trait("Category", "Servers")]
[SupportedOSPlatform("linux")]
public sealed class ServersTests(ThreeServers servers) : IClassFixture<ThreeServers>
{
    private static readonly string[] Names = ["postgres", "cache", "messaging"];
    private static readonly string[] Families = ["tcp", "tcp6"];

    /// <summary>127.0.0.1 and ::1, as the kernel writes them.</summary>
    private static readonly string[] Loopback = ["0100007F", "00000000000000000000000001000000"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_answers_under_the_connection_string_that_its_package_made()
    {
        await using var database = await ThreeServers.OpenDatabaseAsync(servers.App);
        await using var ask = new NpgsqlCommand("SHOW server_encoding", database);
        Assert.Equal("UTF8", await ask.ExecuteScalarAsync(Cancellation));

        await using var cache = await ThreeServers.OpenCacheAsync(servers.App);
        Assert.True(await cache.GetDatabase().StringSetAsync("greeting", "hello"));

        await using var broker = await ThreeServers.OpenBrokerAsync(servers.App);
        await using var channel = await broker.CreateChannelAsync(cancellationToken: Cancellation);
        Assert.NotEmpty((await channel.QueueDeclareAsync(cancellationToken: Cancellation)).QueueName);

        using var management = new HttpClient { BaseAddress = servers.App.GetEndpoint("messaging", "management") };
        using var page = await management.GetAsync("/", Cancellation);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [Fact]
    public async Task None_lets_in_whoever_does_not_know_its_password()
    {
        const string guess = "postgres";

        var database = await Assert.ThrowsAsync<PostgresException>(() => ThreeServers.OpenDatabaseAsync(servers.App, guess));
        Assert.Equal(PostgresErrorCodes.InvalidPassword, database.SqlState);
        await Assert.ThrowsAsync<RedisConnectionException>(() => ThreeServers.OpenCacheAsync(servers.App, guess));
        var broker = await Assert.ThrowsAsync<BrokerUnreachableException>(() => ThreeServers.OpenBrokerAsync(servers.App, guess));
        Assert.IsType<AuthenticationFailureException>(broker.InnerException);
    }

    [Fact]
    public async Task They_listen_where_only_this_machine_hears_them()
    {
        // Database, cache, broker with its management, its distribution and its port mapper; some may be starting just now.
        var listening = await Eventually.SeesAsync(SmallApp.Patience, ListeningAsync, addresses => addresses.Length >= 6, "all six listen");

        Assert.InRange(listening.Length, 6, 12);
        Assert.All(listening, address => Assert.Contains(address, Loopback));
    }

    /// <summary>The addresses at which processes of the three servers listen, as the kernel writes them (proc(5), net/tcp).</summary>
    private async Task<string[]> ListeningAsync()
    {
        var sockets = (await ProcessesAsync()).Keys.SelectMany(SocketsOf).ToHashSet();
        return [.. Families.SelectMany(family => File.ReadLines($"/proc/net/{family}").Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(socket => socket[3] == "0A" && sockets.Contains(socket[9])).Select(socket => socket[1].Split(':')[0])];
    }

    [Fact]
    public async Task No_command_line_shows_a_password()
    {
        var processes = await ProcessesAsync();

        Assert.InRange(processes.Count, 5, 60);
        Assert.All(processes.Values, line => Assert.DoesNotContain("secrets", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Their_data_is_closed_to_everybody_else()
    {
        var folder = await FolderAsync();

        Assert.All(Names, name => Assert.True(Directory.Exists(Path.Combine(folder, name))));
        foreach (var directory in Directory.EnumerateDirectories(folder).Append(folder))
        {
            Assert.Equal((UnixFileMode)0, File.GetUnixFileMode(directory) & (UnixFileMode)0b000_111_111);
            foreach (var file in Directory.EnumerateFiles(directory).Where(file => Path.GetFileName(file) != ".writable"))
                Assert.Equal((UnixFileMode)0, File.GetUnixFileMode(file) & (UnixFileMode)0b000_111_111);
        }
    }

    [Theory]
    [InlineData("postgres", "The files belonging to this database system")]
    [InlineData("cache", "Redis is starting|Valkey is starting")]
    [InlineData("messaging", "RabbitMQ|Starting|Feature flags|=INFO|\\[")]
    public async Task A_servers_log_begins_with_its_own_words(string name, string words)
    {
        var log = await Eventually.SeesAsync(
            SmallApp.Patience, () => servers.App.LogAsync(name), lines => lines.Count > 3, $"{name} has said something");

        // On a machine that has never run it, its installation is told before.
        Assert.Matches(words, log.First(line => line.Trim().Length > 0 && !line.Contains("is not installed", StringComparison.Ordinal)));
        Assert.DoesNotContain(log, line => line.Contains("[sys]", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Each_is_stopped_started_and_restarted_by_its_own_name_and_its_log_goes_on()
    {
        foreach (var name in Names)
        {
            var first = await ProcessAsync(name);
            await servers.App.CommandAsync(name, KnownResourceCommands.RestartCommand);
            var second = await servers.App.RunsAnewAsync(name, first);
            await AnswersAsync(name);

            await servers.App.CommandAsync(name, KnownResourceCommands.StopCommand);
            var stopped = await servers.App.UntilAsync(name, change => change.Snapshot.State?.Text is "Exited" or "Finished");
            Assert.False(Directory.Exists($"/proc/{second}"), $"{name} is said to be {stopped.Snapshot.State?.Text}, and runs.");
            var said = (await servers.App.LogAsync(name)).Count;

            await servers.App.CommandAsync(name, KnownResourceCommands.StartCommand);
            await servers.App.RunsAnewAsync(name, second);
            await AnswersAsync(name);
            await Eventually.SeesAsync(
                SmallApp.Patience, async () => (await servers.App.LogAsync(name)).Count, lines => lines > said,
                $"{name} says something after its start");
        }
    }

    [Fact]
    public async Task A_server_ends_with_the_script_that_runs_it_even_when_that_is_killed()
    {
        foreach (var name in Names)
        {
            var script = await ProcessAsync(name);
            var own = Path.Combine(await FolderAsync(), name);
            using (var process = Process.GetProcessById(script))
                process.Kill();

            await Eventually.SeesAsync(
                SmallApp.Patience, () => Task.FromResult(string.Join(Environment.NewLine, WorkingIn(own))), left => left == "",
                $"nothing of {name} is left");
            await servers.App.UntilAsync(name, change => change.Snapshot.State?.Text is "Exited" or "Finished");
            await servers.App.CommandAsync(name, KnownResourceCommands.StartCommand);
            await servers.App.RunsAnewAsync(name, script);
            await AnswersAsync(name);
        }
    }

    [Fact]
    public async Task Queues_whose_log_has_failed_as_on_a_full_disk_take_messages_again_and_have_lost_none()
    {
        const string Queue = "survives-a-full-disk";
        await using var broker = await ThreeServers.OpenBrokerAsync(servers.App);
        var withConfirms = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);
        await using (var channel = await broker.CreateChannelAsync(withConfirms, Cancellation))
        {
            var arguments = new Dictionary<string, object?> { ["x-queue-type"] = "quorum" };
            await channel.QueueDeclareAsync(
                Queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: Cancellation);
            await channel.BasicPublishAsync("", Queue, mandatory: true, "before"u8.ToArray(), Cancellation);
        }

        await ControlBrokerAsync(
            "eval", "[ok, {ok, _}] = [supervisor:Do(ra_systems_sup, quorum_queues) || Do <- [terminate_child, restart_child]].");

        await Eventually.SeesAsync(
            SmallApp.Patience,
            async () =>
            {
                try
                {
                    await using var channel = await broker.CreateChannelAsync(withConfirms, Cancellation);
                    using var soon = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
                    soon.CancelAfter(TimeSpan.FromSeconds(5));
                    await channel.BasicPublishAsync("", Queue, mandatory: true, "after"u8.ToArray(), soon.Token);
                    return "";
                }
                catch (Exception failure) when (failure is RabbitMQClientException or OperationCanceledException)
                {
                    return failure.Message;
                }
            },
            failure => failure == "",
            "the queue takes a message");
        await using var reader = await broker.CreateChannelAsync(cancellationToken: Cancellation);
        Assert.Equal("before", Encoding.UTF8.GetString((await reader.BasicGetAsync(Queue, autoAck: true, Cancellation))!.Body.Span));
    }

    /// <summary>Asks the node something by RabbitMQ's own command line, as whoever runs it would.</summary>
    private async Task ControlBrokerAsync(params string[] words)
    {
        var node = (await ProcessesAsync()).First(process => process.Value.Contains("beam.smp", StringComparison.Ordinal)).Key;
        var variables = (await File.ReadAllTextAsync($"/proc/{node}/environ", Cancellation)).Split(
            '\0', StringSplitOptions.RemoveEmptyEntries)
            .Select(variable => variable.Split('=', 2)).ToDictionary(variable => variable[0], variable => variable[1]);
        var start = new ProcessStartInfo(
            Path.Combine(Path.GetDirectoryName(variables["BIN"])!, "rabbitmqctl"), ["--node", variables["RABBITMQ_NODENAME"], .. words])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        using var control = Process.Start(start)!;
        var errors = control.StandardError.ReadToEndAsync(Cancellation);
        var said = await control.StandardOutput.ReadToEndAsync(Cancellation);
        await control.WaitForExitAsync(Cancellation);
        Assert.True(control.ExitCode == 0, said + await errors);
    }

    /// <summary>Waits until a server does its work; its word for it may be an old one.</summary>
    private Task<string> AnswersAsync(string name) => Eventually.SeesAsync(
        SmallApp.Patience,
        async () =>
        {
            try
            {
                await using IAsyncDisposable connection = name switch
                {
                    "postgres" => await ThreeServers.OpenDatabaseAsync(servers.App),
                    "cache" => await ThreeServers.OpenCacheAsync(servers.App),
                    _ => await ThreeServers.OpenBrokerAsync(servers.App),
                };
                return "";
            }
            catch (Exception failure) when (failure is NpgsqlException or RedisException or BrokerUnreachableException)
            {
                return $"{failure.Message} {string.Join(Environment.NewLine, (await servers.App.LogAsync(name)).TakeLast(5))}";
            }
        },
        failure => failure == "",
        $"{name} answers");

    private async Task<int> ProcessAsync(string name) =>
        SmallApp.ProcessOf(await servers.App.UntilAsync(name, change => SmallApp.ProcessOf(change) != 0));

    /// <summary>Where all three keep their data.</summary>
    private async Task<string> FolderAsync()
    {
        var process = await ProcessAsync("cache");
        return Path.GetDirectoryName(File.ResolveLinkTarget($"/proc/{process}/cwd", returnFinalTarget: false)!.FullName)!;
    }

    private async Task<IReadOnlyDictionary<int, string>> ProcessesAsync() => SmallApp.ProcessesOf(await FolderAsync());

    private static IEnumerable<string> WorkingIn(string folder) =>
        SmallApp.ProcessesOf(folder).Select(process => $"{process.Key} {process.Value}");

    private static IEnumerable<string> SocketsOf(int process)
    {
        try
        {
            return [.. Directory.EnumerateFiles($"/proc/{process}/fd").Select(
                file => File.ResolveLinkTarget(file, returnFinalTarget: false)?.Name ?? "")
                .Where(target => target.StartsWith("socket:[", StringComparison.Ordinal)).Select(target => target[8..^1])];
        }
        catch (IOException)
        {
            return [];
        }
    }
}
