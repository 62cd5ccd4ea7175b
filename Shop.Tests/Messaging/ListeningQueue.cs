using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Shop.Tests.Messaging;

/// <summary>A queue of the test's own that hears some type of event; it goes with the test.</summary>
internal sealed class ListeningQueue : IAsyncDisposable
{
    private readonly IConnection _connection;

    private ListeningQueue(IConnection connection) => _connection = connection;

    public ConcurrentQueue<(string MessageId, string? TraceParent)> Heard { get; } = [];

    public static async Task<ListeningQueue> BindAsync(MessagingShop shop, string type)
    {
        var listening = new ListeningQueue(await shop.ConnectAsync());
        var channel = await listening._connection.CreateChannelAsync(cancellationToken: TestContext.Current.CancellationToken);
        var queue = await channel.QueueDeclareAsync(cancellationToken: TestContext.Current.CancellationToken);
        await channel.QueueBindAsync(
            queue.QueueName, BrokerTopology.Exchange, type, cancellationToken: TestContext.Current.CancellationToken);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, message) =>
        {
            var traceParent = message.BasicProperties.Headers?.TryGetValue("traceparent", out var header) is true
                ? Encoding.ASCII.GetString((byte[])header!)
                : null;
            listening.Heard.Enqueue((message.BasicProperties.MessageId!, traceParent));
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer, TestContext.Current.CancellationToken);
        return listening;
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
