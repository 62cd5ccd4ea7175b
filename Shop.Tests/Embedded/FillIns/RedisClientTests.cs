using System.Globalization;
using System.Security.Cryptography;
using Shop.Tests.Embedded.Servers;
using StackExchange.Redis;

namespace Shop.Tests.Embedded.FillIns;

/// <summary>The real client on the fill-ins, against a real server.</summary>
[Collection(NativeServersCollection.Name)]
public sealed class RedisClientTests(RedisFixture redis) : IClassFixture<RedisFixture>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<RedisProtocol> Protocols => [RedisProtocol.Resp2, RedisProtocol.Resp3];

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Replies_of_every_kind_are_read(RedisProtocol protocol)
    {
        await using var connection = await redis.ConnectAsync(protocol);
        var database = connection.GetDatabase();
        await database.KeyDeleteAsync(["text", "hash", "list", "sorted", "set", "absent", "count"]);

        Assert.True(await database.StringSetAsync("text", "Größe 42 €"));
        Assert.Equal("Größe 42 €", await database.StringGetAsync("text"));
        Assert.True((await database.StringGetAsync("absent")).IsNull);
        Assert.Equal(["Größe 42 €", RedisValue.Null], await database.StringGetAsync(["text", "absent"]));
        Assert.Equal(5, await database.StringIncrementAsync("count", 5));

        await database.HashSetAsync("hash", [new("sku", "A-1"), new("price", 1999)]);
        Assert.Equal(1999, (int)(await database.HashGetAllAsync("hash")).ToDictionary()["price"]);
        Assert.Empty(await database.HashGetAllAsync("absent"));

        await database.ListRightPushAsync("list", ["a", "b", "c"]);
        Assert.Equal(["b", "c"], await database.ListRangeAsync("list", 1));

        await database.SortedSetAddAsync("sorted", [new("slow", 2.5), new("fast", -1)]);
        Assert.Equal([new("fast", -1), new("slow", 2.5)], await database.SortedSetRangeByRankWithScoresAsync("sorted"));
        Assert.Null(await database.SortedSetScoreAsync("sorted", "absent"));

        await database.SetAddAsync("set", ["x", "y"]);
        Assert.True(await database.SetContainsAsync("set", "y"));

        await database.KeyExpireAsync("text", TimeSpan.FromMinutes(5));
        Assert.InRange((await database.KeyTimeToLiveAsync("text"))!.Value, TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(5));

        var error = await Assert.ThrowsAsync<RedisServerException>(() => database.ListRightPushAsync("text", "no"));
        Assert.StartsWith("WRONGTYPE", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Thousands_of_commands_in_flight_get_their_own_answers(RedisProtocol protocol)
    {
        await using var connection = await redis.ConnectAsync(protocol);
        var database = connection.GetDatabase();

        var answers = new Task<RedisResult>[20_000];
        for (var i = 0; i < answers.Length; i++)
            answers[i] = database.ExecuteAsync("ECHO", i);

        for (var i = 0; i < answers.Length; i++)
            Assert.Equal(i, (int)await answers[i]);
    }

    [Fact]
    public async Task Sixty_four_callers_share_the_connection()
    {
        await using var connection = await redis.ConnectAsync();
        var database = connection.GetDatabase();
        await database.KeyDeleteAsync("visits");

        await Parallel.ForAsync(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = Ct }, async (caller, _) =>
        {
            for (var i = 0; i < 100; i++)
            {
                await database.StringIncrementAsync("visits");
                Assert.Equal($"{caller}/{i}", (string?)await database.ExecuteAsync("ECHO", $"{caller}/{i}"));
            }
        });

        Assert.Equal(6400, (int)await database.StringGetAsync("visits"));
    }

    [Fact]
    public async Task Blocking_calls_work_too()
    {
        await using var connection = await redis.ConnectAsync();
        var database = connection.GetDatabase();

        // The client's synchronous methods have a path of their own through it.
        await Task.Run(() =>
        {
            for (var i = 0; i < 500; i++)
                Assert.Equal(i, (int)database.Execute("ECHO", i));
        }, Ct);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Published_messages_arrive_all_and_in_order(RedisProtocol protocol)
    {
        await using var connection = await redis.ConnectAsync(protocol);
        await using var publisher = await redis.ConnectAsync(protocol);
        var channel = RedisChannel.Literal($"prices-{protocol}");
        var queue = await connection.GetSubscriber().SubscribeAsync(channel);
        var byHandlers = 0;
        await connection.GetSubscriber().SubscribeAsync(channel, (_, _) => Interlocked.Increment(ref byHandlers));
        await connection.GetSubscriber().SubscribeAsync(channel, (_, _) => Interlocked.Increment(ref byHandlers));

        for (var i = 0; i < 2000; i++)
            await publisher.GetSubscriber().PublishAsync(channel, i, CommandFlags.FireAndForget);

        for (var i = 0; i < 2000; i++)
            Assert.Equal(i, (int)(await queue.ReadAsync(Ct).AsTask().WaitAsync(Patience, Ct)).Message);
        await Eventually.HoldsAsync(() => Volatile.Read(ref byHandlers) == 4000);

        await connection.GetSubscriber().UnsubscribeAsync(channel);
        Assert.Equal(0, await publisher.GetSubscriber().PublishAsync(channel, "nobody"));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task A_transaction_happens_whole_or_not_at_all(RedisProtocol protocol)
    {
        await using var connection = await redis.ConnectAsync(protocol);
        var database = connection.GetDatabase();
        await database.StringSetAsync("stock", 3);
        await database.KeyDeleteAsync("log");

        var sale = database.CreateTransaction();
        sale.AddCondition(Condition.StringEqual("stock", 3));
        var left = sale.StringDecrementAsync("stock");
        var logged = sale.ListRightPushAsync("log", "sold");
        Assert.True(await sale.ExecuteAsync());
        Assert.Equal(2, await left);
        Assert.Equal(1, await logged);

        var late = database.CreateTransaction();
        late.AddCondition(Condition.StringEqual("stock", 3));
        var never = late.StringDecrementAsync("stock");
        Assert.False(await late.ExecuteAsync());
        await Assert.ThrowsAsync<TaskCanceledException>(() => never);
        Assert.Equal(2, (int)await database.StringGetAsync("stock"));
    }

    [Fact]
    public async Task A_batch_is_answered_command_by_command()
    {
        await using var connection = await redis.ConnectAsync();
        var batch = connection.GetDatabase().CreateBatch();

        var answers = Enumerable.Range(0, 500).Select(i => batch.ExecuteAsync("ECHO", i)).ToArray();
        batch.Execute();

        for (var i = 0; i < answers.Length; i++)
            Assert.Equal(i, (int)await answers[i]);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task A_script_returns_thousands_of_nested_replies(RedisProtocol protocol)
    {
        await using var connection = await redis.ConnectAsync(protocol);

        var result = await connection.GetDatabase().ScriptEvaluateAsync(
            "local all = {} for i = 1, tonumber(ARGV[1]) do all[i] = {i, {KEYS[1] .. i, {}}} end return all", ["sku-"], [5000]);

        var rows = (RedisResult[])result!;
        Assert.Equal(5000, rows.Length);
        for (var i = 0; i < rows.Length; i++)
        {
            Assert.Equal(i + 1, (int)rows[i][0]);
            Assert.Equal($"sku-{i + 1}", (string?)rows[i][1][0]);
            Assert.Equal(0, rows[i][1][1].Length);
        }

        var error = await Assert.ThrowsAsync<RedisServerException>(() => connection.GetDatabase().ScriptEvaluateAsync("return redis.error_reply('SOLDOUT sku-1')"));
        Assert.StartsWith("SOLDOUT", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Values_of_twenty_megabytes_pass_unharmed(RedisProtocol protocol)
    {
        await using var connection = await redis.ConnectAsync(protocol);
        var database = connection.GetDatabase();
        var value = RandomNumberGenerator.GetBytes(20_000_000);

        await database.StringSetAsync("large", value);
        var read = await Task.WhenAll(database.StringGetAsync("large"), database.StringGetAsync("large"));

        Assert.All(read, copy => Assert.True(value.AsSpan().SequenceEqual((byte[])copy!)));
        await database.KeyDeleteAsync("large");
    }

    [Fact]
    public async Task Streams_are_written_read_and_acknowledged_by_groups()
    {
        await using var connection = await redis.ConnectAsync();
        var database = connection.GetDatabase();
        await database.KeyDeleteAsync("events");
        await database.StreamCreateConsumerGroupAsync("events", "shop", StreamPosition.NewMessages);
        for (var i = 0; i < 100; i++)
            await database.StreamAddAsync("events", [new("number", i), new("text", i.ToString(CultureInfo.InvariantCulture))]);

        var entries = await database.StreamReadGroupAsync("events", "shop", "worker", count: 100);

        Assert.Equal(Enumerable.Range(0, 100), entries.Select(entry => (int)entry["number"]));
        Assert.Equal(100, (await database.StreamPendingAsync("events", "shop")).PendingMessageCount);
        Assert.Equal(100, await database.StreamAcknowledgeAsync("events", "shop", [.. entries.Select(entry => entry.Id)]));
        Assert.Equal("shop", Assert.Single(await database.StreamGroupInfoAsync("events")).Name);
        Assert.Equal(100, (await database.StreamInfoAsync("events")).Length);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Replies_in_tiny_pieces_are_put_together(RedisProtocol protocol)
    {
        await using var network = new ChoppingProxy(redis.Port);
        await using var connection = await redis.ConnectAsync(protocol, network.Port);
        var database = connection.GetDatabase();
        var value = RandomNumberGenerator.GetHexString(3000);

        await database.StringSetAsync("chopped", value);

        Assert.Equal(value, await database.StringGetAsync("chopped"));
        var nested = (RedisResult[])(await database.ScriptEvaluateAsync("return {1, {'two', {}}, {ARGV[1], 4}}", values: [value]))!;
        Assert.Equal("two", (string?)nested[1][0]);
        Assert.Equal(value, (string?)nested[2][0]);
    }
}
