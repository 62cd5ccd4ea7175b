using System.Runtime.Versioning;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using StackExchange.Redis;

namespace Shop.Tests.LocalServers;

/// <summary>The data of one run in the next.</summary>
[Trait("Category", "Servers")]
[SupportedOSPlatform("linux")]
public sealed class KeptDataTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("shop-tests-kept-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task All_data_outlives_a_stop_and_a_password_that_has_changed()
    {
        await using (var app = await StartAsync("the-first-one"))
        {
            await using var database = await ThreeServers.OpenDatabaseAsync(app);
            await using var create = new NpgsqlCommand("CREATE TABLE kept AS SELECT 'an order' AS what", database);
            await create.ExecuteNonQueryAsync(Cancellation);
            await using var cache = await ThreeServers.OpenCacheAsync(app);
            await cache.GetDatabase().StringSetAsync("kept", "a basket");
            await using var broker = await ThreeServers.OpenBrokerAsync(app);
            await using var channel = await broker.CreateChannelAsync(
                new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), Cancellation);
            var queue = new Dictionary<string, object?> { ["x-queue-type"] = "quorum" };
            await channel.QueueDeclareAsync(
                "kept", durable: true, exclusive: false, autoDelete: false, queue, cancellationToken: Cancellation);
            await channel.BasicPublishAsync("", "kept", mandatory: true, Encoding.UTF8.GetBytes("a message"), Cancellation);
        }

        Assert.Empty(SmallApp.ProcessesOf(_folder.FullName));
        // What a killed server leaves, whose number is a stranger's now.
        var data = Path.Combine(_folder.FullName, "volumes", "test-postgres");
        await File.WriteAllTextAsync(Path.Combine(data, "postmaster.pid"), $"{Environment.ProcessId}\n{data}\n", Cancellation);

        await using (var app = await StartAsync(ThreeServers.Password))
        {
            await using var database = await ThreeServers.OpenDatabaseAsync(app);
            await using var ask = new NpgsqlCommand("SELECT what FROM kept", database);
            Assert.Equal("an order", await ask.ExecuteScalarAsync(Cancellation));
            await using var cache = await ThreeServers.OpenCacheAsync(app);
            Assert.Equal("a basket", await cache.GetDatabase().StringGetAsync("kept"));
            await using var broker = await ThreeServers.OpenBrokerAsync(app);
            await using var channel = await broker.CreateChannelAsync(cancellationToken: Cancellation);
            var message = await channel.BasicGetAsync("kept", autoAck: true, Cancellation);
            Assert.Equal("a message", Encoding.UTF8.GetString(message!.Body.Span));

            await Assert.ThrowsAsync<PostgresException>(() => ThreeServers.OpenDatabaseAsync(app, "the-first-one"));
            await Assert.ThrowsAsync<RedisConnectionException>(() => ThreeServers.OpenCacheAsync(app, "the-first-one"));
            await Assert.ThrowsAsync<BrokerUnreachableException>(() => ThreeServers.OpenBrokerAsync(app, "the-first-one"));
            foreach (var server in new[] { "postgres", "messaging" })
                Assert.Contains(await app.LogAsync(server), line => line.EndsWith("it is set anew.", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Data_of_another_version_of_PostgreSQL_is_refused_with_a_sentence_and_left_alone()
    {
        var data = _folder.CreateSubdirectory("volumes").CreateSubdirectory("test-postgres");
        await File.WriteAllTextAsync(Path.Combine(data.FullName, "PG_VERSION"), "9\n", Cancellation);
        var builder = SmallApp.CreateKept(_folder);
        builder.AddPostgres("postgres").WithDataVolume("test-postgres");

        await using var app = await SmallApp.StartAsync(builder);
        await app.IsAsync("postgres", KnownResourceStates.FailedToStart);

        Assert.Contains(await app.LogAsync("postgres"), line =>
            line.StartsWith($"The data in {data.FullName} is PostgreSQL 9's, and the PostgreSQL in ", StringComparison.Ordinal)
            && line.EndsWith("Install PostgreSQL 9, or move the folder away to begin with fresh data.", StringComparison.Ordinal));
        Assert.Equal("9\n", await File.ReadAllTextAsync(Path.Combine(data.FullName, "PG_VERSION"), Cancellation));
    }

    private Task<DistributedApplication> StartAsync(string password)
    {
        var builder = SmallApp.CreateKept(_folder);
        ThreeServers.Add(builder, password);
        return SmallApp.StartAsync(builder, "shopdb", "cache", "messaging");
    }
}
