using Shop.Tests.Embedded.Servers;
using StackExchange.Redis;

namespace Shop.Tests.Embedded.FillIns;

[Collection(NativeServersCollection.Name)]
public sealed class RedisReconnectTests(RedisFixture redis) : IClassFixture<RedisFixture>
{
    [Theory]
    [InlineData(RedisProtocol.Resp2)]
    [InlineData(RedisProtocol.Resp3)]
    public async Task A_killed_server_is_found_again_with_the_subscriptions(RedisProtocol protocol)
    {
        var options = redis.Options(protocol);
        // As a cache is asked: no waiting for a server that is down.
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.ReconnectRetryPolicy = new LinearRetry(100);
        options.HeartbeatInterval = TimeSpan.FromMilliseconds(200);
        await using var connection = await ConnectionMultiplexer.ConnectAsync(options);
        var database = connection.GetDatabase();
        var heard = 0;
        await connection.GetSubscriber().SubscribeAsync(RedisChannel.Literal("news"), (_, _) => Interlocked.Increment(ref heard));
        Assert.True(await database.StringSetAsync("before", 1));

        await redis.KillAsync();
        await Eventually.HoldsAsync(() => !connection.IsConnected);
        await Assert.ThrowsAnyAsync<RedisException>(() => database.StringGetAsync("before"));

        await redis.StartAsync();
        await Eventually.HoldsAsync(() => connection.IsConnected);

        Assert.True(await database.StringSetAsync("after", 2));
        Assert.Equal(2, (int)await database.StringGetAsync("after"));
        await Eventually.HoldsAsync(() =>
        {
            // Until the subscription is back, nobody hears it.
            connection.GetSubscriber().Publish(RedisChannel.Literal("news"), "again", CommandFlags.FireAndForget);
            return Volatile.Read(ref heard) > 0;
        });
    }

    [Fact]
    public async Task Commands_in_flight_at_a_kill_fail_instead_of_waiting_forever()
    {
        await using var connection = await redis.ConnectAsync();
        var database = connection.GetDatabase();
        await database.KeyDeleteAsync("nothing-comes");
        // The server answers when somebody pushes, which nobody does.
        var waiting = database.ExecuteAsync("BLPOP", "nothing-comes", 0);
        await using var observer = await redis.ConnectAsync();
        await Eventually.HoldsAsync(() => observer.GetServer("127.0.0.1", redis.Port).ClientList().Any(client => client.LastCommand == "blpop"));

        await redis.KillAsync();
        await redis.StartAsync();

        await Assert.ThrowsAnyAsync<RedisException>(() => waiting.WaitAsync(TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken));
    }
}
