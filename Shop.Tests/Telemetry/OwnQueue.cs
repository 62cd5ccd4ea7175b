using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using Shop.Worker.Messaging;

namespace Shop.Tests.Telemetry;

/// <summary>A queue of a test's own heard as the worker hears its queues.</summary>
internal static class OwnQueue
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Publishes one message and hears the queue until <paramref name="until"/> has ended.</summary>
    public static async Task ConsumeAsync(
        RunningServers servers, string queue, IDeliveryHandler handler, BasicProperties properties, ReadOnlyMemory<byte> body,
        string? traceParent, Func<Task> until)
    {
        var factory = new ConnectionFactory
        {
            Uri = new Uri(await servers.RabbitMqAsync()),
            AutomaticRecoveryEnabled = false,
        };
        await using var broker = new BrokerConnection(factory, "test");
        var options = Options.Create(new ConsumerOptions());
        await using var redelivery = new Redelivery(broker, options, TimeProvider.System);
        await using var channel = await ConfirmingChannel.OpenAsync(await broker.GetAsync(Cancellation), Cancellation);
        await channel.Channel.QueueDeclareAsync(queue, durable: false, exclusive: true, autoDelete: true, cancellationToken: Cancellation);
        Assert.Equal(
            PublishOutcome.Confirmed,
            Assert.Single(await channel.PublishAsync([new OutgoingMessage("", queue, properties, body, traceParent)])));
        using var listener = new QueueListener(
            queue, handler, broker, redelivery, options, TimeProvider.System, NullLogger<QueueListener>.Instance);

        await listener.StartAsync(Cancellation);
        await until();
        await listener.StopAsync(Cancellation);
    }
}
