using System.Text.Json.Serialization.Metadata;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Shop.Contracts;
using Shop.Contracts.Events;

namespace Shop.Tests.Payments;

/// <summary>
/// The shop's payments with a database of their own, on the running shop's server: nobody relays what they tell, so it
/// can be looked at, and any provider can be configured.
/// </summary>
internal sealed class PaymentsOffice : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly NpgsqlDataSource _database;
    private readonly string _server;
    private readonly string _name;

    private PaymentsOffice(IHost host, NpgsqlDataSource database, string server, string name) =>
        (_host, _database, _server, _name) = (host, database, server, name);

    public PaymentProcessor PaymentProcessor => _host.Services.GetRequiredService<PaymentProcessor>();

    public PaymentStore Store => _host.Services.GetRequiredService<PaymentStore>();

    public PaymentGateway Gateway => _host.Services.GetRequiredService<PaymentGateway>();

    public PaymentReconciliation Resolution => _host.Services.GetRequiredService<PaymentReconciliation>();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<PaymentsOffice> OpenAsync(RunningShop shop, params (string Key, string Value)[] settings)
    {
        var server = (await shop.App.GetConnectionStringAsync("shopdb", Cancellation))!;
        var name = $"payments_{Guid.NewGuid():N}";
        await RunAsync(server, $"CREATE DATABASE {name}");
        var connectionString = new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString;

        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, string? (setting) => setting.Value));
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:shopdb", connectionString)]);
        builder.AddShopDatabase();
        builder.AddPayments();
        builder.AddPaymentEvents();
        var office = new PaymentsOffice(builder.Build(), NpgsqlDataSource.Create(connectionString), server, name);
        await using var scope = office._host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<ShopDbContext>().Database.MigrateAsync(Cancellation);
        return office;
    }

    /// <summary>Receives an event and does what it asks for, as the API and the worker do.</summary>
    public async Task ReceiveAsync(string provider, byte[] body, string signature)
    {
        await using var scope = _host.Services.CreateAsyncScope();
        Assert.IsType<ProviderEventReceipt.Stored>(
            await scope.ServiceProvider.GetRequiredService<ProviderEvents>().ReceiveAsync(provider, signature, body, Cancellation));
        foreach (var (messageId, received) in await ToldAsync<ProviderEventReceived>())
            await _host.Services.GetRequiredService<ProviderEventHandler>()
                .HandleAsync(new(received.Provider, received.EventId), messageId, Cancellation);
    }

    /// <summary>What was told to the other modules, with the messages' ids, in their order.</summary>
    public async Task<List<(Guid MessageId, TEvent Event)>> ToldAsync<TEvent>()
        where TEvent : IIntegrationEvent
    {
        await using var query = _database.CreateCommand("SELECT id, payload FROM messaging.outbox WHERE type = $1 ORDER BY occurred_at");
        query.Parameters.Add(new NpgsqlParameter { Value = TEvent.TypeName });
        await using var reader = await query.ExecuteReaderAsync(Cancellation);
        var told = new List<(Guid, TEvent)>();
        while (await reader.ReadAsync(Cancellation))
            told.Add((reader.GetGuid(0),
                JsonSerializer.Deserialize(reader.GetString(1), (JsonTypeInfo<TEvent>)ShopJson.Default.GetTypeInfo(typeof(TEvent))!)!));
        return told;
    }

    /// <summary>The single value of a query.</summary>
    public async Task<T> AskAsync<T>(string sql, params object[] values)
    {
        await using var command = _database.CreateCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        return (T)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is IAsyncDisposable host)
            await host.DisposeAsync();
        await _database.DisposeAsync();
        await RunAsync(_server, $"DROP DATABASE {_name} WITH (FORCE)");
    }

    private static async Task RunAsync(string connectionString, string sql)
    {
        // Without a pool: other tests restart the server, and a pooled connection does not know of it until it is used.
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(CancellationToken.None);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }
}
