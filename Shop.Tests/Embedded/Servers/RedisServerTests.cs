using System.Net.Sockets;
using System.Text;
using Embedded.Hosting.Servers;

namespace Shop.Tests.Embedded.Servers;

[Collection(NativeServersCollection.Name)]
public sealed class RedisServerTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_keeps_what_was_written_over_a_stop_and_a_kill()
    {
        await using var bench = new ServerBench();
        var settings = bench.Settings("cache");
        var redis = await bench.StartAsync(new RedisServer(settings));
        Assert.Equal("+OK", await AskAsync(settings, "SET sku-1 7"));

        await redis.StopAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(0, await redis.MainProcess.Exited);
        Assert.NotNull(await redis.CheckHealthAsync(Ct));

        redis = await bench.StartAsync(new RedisServer(settings));
        Assert.Equal("$1\n7", await AskAsync(settings, "GET sku-1", 2));

        redis.Kill();
        Assert.Equal(128 + 9, await redis.MainProcess.Exited);
        await bench.StartAsync(new RedisServer(settings));
        Assert.Equal("$1\n7", await AskAsync(settings, "GET sku-1", 2));
    }

    [Fact]
    public async Task It_answers_only_to_its_password()
    {
        await using var bench = new ServerBench();
        var settings = bench.Settings("cache");
        await bench.StartAsync(new RedisServer(settings));

        Assert.StartsWith("-WRONGPASS", await AskAsync(settings with { Password = "another" }, "PING"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_run_side_by_side_with_data_of_their_own()
    {
        await using var bench = new ServerBench();
        var (one, two) = (bench.Settings("one"), bench.Settings("two"));
        await bench.StartAsync(new RedisServer(one));
        await bench.StartAsync(new RedisServer(two));

        Assert.Equal("+OK", await AskAsync(one, "SET k 1"));
        Assert.Equal("$-1", await AskAsync(two, "GET k"));
    }

    [Fact]
    public async Task A_suspended_one_is_unhealthy_until_it_is_resumed()
    {
        await using var bench = new ServerBench();
        var redis = await bench.StartAsync(new RedisServer(bench.Settings("cache")));

        redis.Suspend();
        Assert.Equal("no answer within 3 s", await redis.CheckHealthAsync(Ct));
        redis.Resume();
        Assert.Null(await redis.CheckHealthAsync(Ct));

        redis.Suspend();
        await redis.StopAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(0, await redis.MainProcess.Exited);
    }

    [Fact]
    public async Task A_taken_port_ends_the_start_with_the_servers_own_words()
    {
        await using var bench = new ServerBench();
        var settings = bench.Settings("one");
        await bench.StartAsync(new RedisServer(settings));

        var e = await Assert.ThrowsAsync<EmbeddedHostingException>(() =>
            bench.StartAsync(new RedisServer(bench.Settings("two") with { Port = settings.Port, Password = "another" })));
        Assert.Contains("Address already in use", e.Message, StringComparison.Ordinal);
    }

    private static async Task<string> AskAsync(ServerSettings settings, string command, int lines = 1)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", settings.Port, Ct);
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.UTF8);
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"*2\r\n$4\r\nAUTH\r\n${Encoding.UTF8.GetByteCount(settings.Password)}\r\n{settings.Password}\r\n"), Ct);
        if (await reader.ReadLineAsync(Ct) is not "+OK" and var refusal)
            return refusal!;
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"{command}\r\n"), Ct);
        var answer = new List<string?>();
        while (answer.Count < lines)
            answer.Add(await reader.ReadLineAsync(Ct));
        return string.Join('\n', answer);
    }
}
