using System.Diagnostics.CodeAnalysis;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Shop.LocalServers;
using Shop.Tests.LocalServers;
using StackExchange.Redis;

[assembly: AssemblyFixture(typeof(RunningServers))]

namespace Shop.Tests.Servers;

/// <summary>
/// PostgreSQL, Redis and RabbitMQ without a shop, for tests of a single part of it. They are started when the first test asks, and
/// shared: each test brings a database, keys and queues of its own, and stops nothing.
/// </summary>
[SuppressMessage("Performance", "CA1812", Justification = "xUnit makes it.")]
public sealed class RunningServers : IAsyncDisposable
{
    private readonly Lazy<Task<DistributedApplication>> _app = new(StartAsync);
    private readonly Lazy<Task<string>> _template;

    public RunningServers() => _template = new(() => CreateTemplateAsync());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Leads to a database of the server, as somebody who may create others.</summary>
    public Task<string> PostgresAsync() => ConnectionStringAsync("postgres");

    public Task<string> RabbitMqAsync() => ConnectionStringAsync("messaging");

    public async Task<ConnectionMultiplexer> ConnectRedisAsync(bool allowAdmin = false)
    {
        var options = ConfigurationOptions.Parse(await ConnectionStringAsync("cache"));
        options.AllowAdmin = allowAdmin;
        return await ConnectionMultiplexer.ConnectAsync(options);
    }

    /// <summary>Makes a database with nothing in it.</summary>
    /// <returns>What leads to it; without a pool, since a database can't be copied while somebody is connected to it.</returns>
    public Task<string> CreateDatabaseAsync() => CreateAsync("");

    /// <summary>Makes a database with the shop's schema and no rows, in a blink: by copying one.</summary>
    /// <inheritdoc cref="CreateDatabaseAsync"/>
    public async Task<string> CreateShopDatabaseAsync() => await CopyAsync(await _template.Value);

    /// <summary>Copies a database to which nobody is connected.</summary>
    /// <inheritdoc cref="CreateDatabaseAsync"/>
    public Task<string> CopyAsync(string database) => CreateAsync($" TEMPLATE {NameOf(database)}");

    public async Task DropAsync(string database) =>
        await ExecuteAsync(await PostgresAsync(), $"DROP DATABASE {NameOf(database)} WITH (FORCE)");

    /// <summary>Runs statements by a connection of their own.</summary>
    public static async Task ExecuteAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(database) { Pooling = false }.ConnectionString);
        // What a test leaves is removed also when the test was cut off.
        await connection.OpenAsync(CancellationToken.None);
        await using var command = connection.Sql(sql);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (_app.IsValueCreated)
            await (await _app.Value).DisposeAsync();
    }

    private static Task<DistributedApplication> StartAsync()
    {
        var builder = SmallApp.Create();
        builder.UseLocalServers();
        builder.AddPostgres("postgres");
        builder.AddRedis("cache");
        builder.AddRabbitMQ("messaging");
        return SmallApp.StartAsync(builder, "postgres", "cache", "messaging");
    }

    private async Task<string> CreateTemplateAsync()
    {
        var template = await CreateDatabaseAsync();
        await using var db = new ShopDbContext(new DbContextOptionsBuilder<ShopDbContext>().UseNpgsql(template)
            .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning)).Options);
        await db.Database.MigrateAsync(Cancellation);
        return template;
    }

    private async Task<string> CreateAsync(string template)
    {
        var server = new NpgsqlConnectionStringBuilder(await PostgresAsync()) { Pooling = false };
        var name = $"test_{Guid.NewGuid():N}";
        await ExecuteAsync(server.ConnectionString, $"CREATE DATABASE {name}{template}");
        server.Database = name;
        return server.ConnectionString;
    }

    private async Task<string> ConnectionStringAsync(string resource) =>
        await (await _app.Value).GetConnectionStringAsync(resource, Cancellation)
            ?? throw new InvalidOperationException($"{resource} has no connection string.");

    private static string NameOf(string database) => new NpgsqlConnectionStringBuilder(database).Database!;
}
