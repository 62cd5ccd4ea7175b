using System.Net.Http.Headers;
using RabbitMQ.Client;

namespace Shop.Benchmarks.Topology;

/// <summary>How many messages wait in RabbitMQ's queues.</summary>
public sealed class Broker : IAsyncDisposable
{
    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly string[] _queues;

    private Broker(IConnection connection, IChannel channel, string[] queues) =>
        (_connection, _channel, _queues) = (connection, channel, queues);

    /// <exception cref="RabbitMQ.Client.Exceptions.BrokerUnreachableException">The broker is away.</exception>
    /// <exception cref="HttpRequestException">Its management plug-in is away.</exception>
    public static async Task<Broker> ConnectAsync(ShopTopology shop, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(shop);
        var address = new Uri((await shop.App.GetConnectionStringAsync("messaging", cancellationToken))!);
        using var http = shop.Client("messaging", "management");
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(address.UserInfo))));
        using var queues = JsonDocument.Parse(await http.GetStringAsync("/api/queues?columns=name", cancellationToken));
        var names = queues.RootElement.EnumerateArray().Select(queue => queue.GetProperty("name").GetString()!).ToArray();

        var factory = new ConnectionFactory { Uri = address, AutomaticRecoveryEnabled = false };
        var connection = await factory.CreateConnectionAsync(cancellationToken);
        try
        {
            return new Broker(connection, await connection.CreateChannelAsync(cancellationToken: cancellationToken), names);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Messages that wait in all queues; none that is worked on. (The management plug-in's numbers are seconds old.)</summary>
    public async Task<long> DepthAsync(CancellationToken cancellationToken)
    {
        var depth = 0L;
        foreach (var queue in _queues)
            depth += await _channel.MessageCountAsync(queue, cancellationToken);
        return depth;
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
