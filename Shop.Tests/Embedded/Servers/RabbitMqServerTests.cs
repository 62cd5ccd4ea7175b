using System.Text;
using Embedded.Hosting.Servers;
using RabbitMQ.Client;

namespace Shop.Tests.Embedded.Servers;

[Collection(NativeServersCollection.Name)]
public sealed class RabbitMqServerTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_confirmed_message_in_a_quorum_queue_outlives_a_kill_and_a_stop()
    {
        await using var bench = new ServerBench();
        var settings = bench.Settings("messaging");
        var rabbit = await bench.StartAsync(new RabbitMqServer(settings, managementPlugin: false, managementPort: null));
        await using (var connection = await ConnectAsync(settings))
        await using (var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), Ct))
        {
            await channel.QueueDeclareAsync("orders", durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" }, cancellationToken: Ct);
            // RabbitMQ answers the declaration before the queue's name is in its registry's file (it saves that after half
            // a second); confirmed messages are on the disk at once. The test is about the messages.
            await Eventually.HoldsAsync(() => Directory.EnumerateFiles(settings.DataDirectory, "names.dets", SearchOption.AllDirectories)
                .Any(f => Encoding.Latin1.GetString(ReadShared(f)).Contains("orders", StringComparison.Ordinal)));
            for (var i = 0; i < 10; i++)
                await channel.BasicPublishAsync("", "orders", mandatory: true, new BasicProperties { Persistent = true }, Encoding.UTF8.GetBytes($"order {i}"), Ct);
            rabbit.Kill();
        }

        Assert.Equal(128 + 9, await rabbit.MainProcess.Exited);
        rabbit = await bench.StartAsync(new RabbitMqServer(settings, managementPlugin: false, managementPort: null));
        await AssertHoldsAsync(settings, 10);

        await rabbit.StopAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(0, await rabbit.MainProcess.Exited);
        await bench.StartAsync(new RabbitMqServer(settings, managementPlugin: false, managementPort: null));
        await AssertHoldsAsync(settings, 10);
    }

    [Fact]
    public async Task Two_run_side_by_side_and_the_management_page_answers_on_its_port()
    {
        await using var bench = new ServerBench();
        var settings = bench.Settings("messaging");
        var management = bench.Settings().Port;
        await Task.WhenAll(
            bench.StartAsync(new RabbitMqServer(settings, managementPlugin: true, management)),
            bench.StartAsync(new RabbitMqServer(bench.Settings("messaging2"), managementPlugin: false, managementPort: null)));

        using var http = new HttpClient { DefaultRequestHeaders = { Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{settings.UserName}:{settings.Password}"))) } };
        Assert.Contains("messaging@localhost", await http.GetStringAsync(new Uri($"http://127.0.0.1:{management}/api/overview"), Ct), StringComparison.Ordinal);
    }

    /// <summary>Takes the messages without acknowledging them, so that they go back.</summary>
    private static async Task AssertHoldsAsync(ServerSettings settings, int messages)
    {
        await using var connection = await ConnectAsync(settings);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Ct);
        var bodies = new List<string>();
        // After a start the queue elects its leader before it hands out anything.
        var deadline = Environment.TickCount64 + 20_000;
        while (bodies.Count < messages && Environment.TickCount64 < deadline)
            if (await channel.BasicGetAsync("orders", autoAck: false, Ct) is { } message)
                bodies.Add(Encoding.UTF8.GetString(message.Body.Span));
        // What was taken and given back comes in another order.
        Assert.Equal(Enumerable.Range(0, messages).Select(i => $"order {i}"), bodies.Order(StringComparer.Ordinal));
        Assert.Null(await channel.BasicGetAsync("orders", autoAck: false, Ct));
    }

    private static byte[] ReadShared(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static Task<IConnection> ConnectAsync(ServerSettings settings) =>
        new ConnectionFactory { HostName = "127.0.0.1", Port = settings.Port, UserName = settings.UserName, Password = settings.Password, AutomaticRecoveryEnabled = false }.CreateConnectionAsync(Ct);
}
