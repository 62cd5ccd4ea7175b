using Microsoft.Extensions.Configuration;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using StackExchange.Redis;

namespace Shop.Worker.Migrations;

/// <summary>
/// <c>Shop.Worker reset --yes</c>: deletes all that the shop keeps in PostgreSQL, Redis and RabbitMQ; <c>migrate</c> makes it anew.
/// Stop API and worker first: what they do meanwhile fails. Exit code 0 when done, 1 when not, 2 for wrong usage.
/// </summary>
internal static class ResetCommand
{
    private const string DropEverything = """
        DO $$
        DECLARE it text;
        BEGIN
          FOR it IN SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema' LOOP
            EXECUTE format('DROP SCHEMA %I CASCADE', it);
          END LOOP;
          CREATE SCHEMA public;
        END $$
        """;

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is not ["--yes"])
        {
            await Console.Error.WriteLineAsync("Deletes all orders, stock, baskets and messages for good. If that is meant: reset --yes");
            return 2;
        }

        var configuration = new ConfigurationBuilder().AddEnvironmentVariables().Build();
        foreach (var name in (string[])["shopdb", "cache", "messaging"])
        {
            if (string.IsNullOrWhiteSpace(configuration.GetConnectionString(name)))
            {
                await Console.Error.WriteLineAsync(
                    $"Set ConnectionStrings__{name}: a shop of which only a part is deleted doesn't fit together.");
                return 1;
            }
        }

        try
        {
            await using (var database = NpgsqlDataSource.Create(configuration.GetConnectionString("shopdb")!))
            {
                await using var drop = database.CreateCommand(DropEverything);
                await drop.ExecuteNonQueryAsync();
            }

            await using (var cache = await ConnectionMultiplexer.ConnectAsync(configuration.GetConnectionString("cache")!))
                await cache.GetDatabase().ExecuteAsync("FLUSHDB");

            await using var broker = await new ConnectionFactory
            {
                Uri = new Uri(
                configuration.GetConnectionString("messaging")!)
            }.CreateConnectionAsync();
            await using var channel = await broker.CreateChannelAsync();
            foreach (var queue in BrokerTopology.ConsumedQueues)
                await channel.QueueDeleteAsync(queue);
        }
        catch (Exception failure) when (
            failure is NpgsqlException or RedisException or BrokerUnreachableException or OperationInterruptedException)
        {
            await Console.Error.WriteLineAsync($"Not all was deleted, run it again: {failure.GetBaseException().Message}");
            return 1;
        }

        Console.WriteLine("All orders, stock, baskets and messages are deleted.");
        return 0;
    }
}
