using System.Text.Json.Serialization.Metadata;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Shop.Contracts;
using Shop.Contracts.Events;


namespace Shop.Tests.Payments;

/// <summary>
/// The shop's payments with a database of their own: nobody relays what they tell, so it
/// can be looked at, and any provider can be configured.
/// </summary>
internal sealed class PaymentsOffice : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly NpgsqlDataSource _database;
    private readonly RunningServers _servers;
    private readonly string _connectionString;

    private PaymentsOffice(IHost host, RunningServers servers, string connectionString) =>
        (_host, _servers, _connectionString, _database) = (host, servers, connectionString, NpgsqlDataSource.Create(connectionString));

    public PaymentProcessor PaymentProcessor => _host.Services.GetRequiredService<PaymentProcessor>();

    public PaymentStore Store => _host.Services.GetRequiredService<PaymentStore>();

    public PaymentGateway Gateway => _host.Services.GetRequiredService<PaymentGateway>();

    public PaymentReconciliation Resolution => _host.Services.GetRequiredService<PaymentReconciliation>();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<PaymentsOffice> OpenAsync(RunningServers servers, params (string Key, string Value)[] settings)
    {
        var connectionString = await servers.CreateShopDatabaseAsync();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, string? (setting) => setting.Value));
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:shopdb", connectionString)]);
        builder.AddShopDatabase();
        builder.AddPayments();
        builder.AddPaymentEvents();
        return new PaymentsOffice(builder.Build(), servers, connectionString);
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
        await _servers.DropAsync(_connectionString);
    }
}
