using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using Shop.Infrastructure.Messaging;

namespace Shop.Worker.Messaging;

/// <summary>
/// Hears one queue and gives its messages to a consumer, several at once. A message is acknowledged only after its
/// effect is committed; a failed one is tried again after a pause that grows, and after too many tries the broker moves
/// it to the dead letters. Its health is whether it really hears.
/// </summary>
internal sealed class QueueListener(
    string queue,
    EventConsumer consumer,
    IServiceProvider services,
    TimeProvider time,
    ILogger<QueueListener> logger) : BackgroundService, IHealthCheck
{
    /// <summary>How many messages are handled at once; a slow payment holds up this many at most.</summary>
    private const ushort Concurrency = 16;

    private static readonly TimeSpan Pulse = TimeSpan.FromSeconds(1);

    /// <summary>How long the client may take to recover a lost channel by itself before it is opened anew.</summary>
    private static readonly TimeSpan RecoveryPatience = TimeSpan.FromSeconds(10);

    private static readonly ActivitySource Source = new("Shop.Messaging");

    private volatile IChannel? _channel;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_channel is { IsOpen: true }
            ? HealthCheckResult.Healthy()
            : new HealthCheckResult(context.Registration.FailureStatus, $"Nobody hears the queue {queue}; its messages wait there."));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var listening = await ListenAsync(stoppingToken);
                await UntilLostAsync(listening.Channel, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                // The broker is away or refuses; messages wait in the queue and nothing is lost by trying again.
                logger.LogWarning("The queue {Queue} can't be heard ({Reason}); trying again.", queue, failure.Message);
            }

            await Task.Delay(Pulse, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<Listening> ListenAsync(CancellationToken stoppingToken)
    {
        // Resolved here, not in the constructor: it connects, and the broker may not be there yet.
        var connection = services.GetRequiredService<IConnection>();
        var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(
                publisherConfirmationsEnabled: false, publisherConfirmationTrackingEnabled: false, consumerDispatchConcurrency: Concurrency),
            stoppingToken);
        var listening = new Listening(channel);
        try
        {
            await BrokerTopology.DeclareAsync(channel, stoppingToken);
            await channel.BasicQosAsync(prefetchSize: 0, prefetchCount: Concurrency * 2, global: false, stoppingToken);
            var deliveries = new AsyncEventingBasicConsumer(channel);
            deliveries.ReceivedAsync += (_, delivery) => listening.TrackAsync(() => HandleAsync(channel, delivery, stoppingToken));
            listening.ConsumerTag = await channel.BasicConsumeAsync(queue, autoAck: false, deliveries, stoppingToken);
            _channel = channel;
            logger.LogInformation("Hearing the queue {Queue}.", queue);
            return listening;
        }
        catch
        {
            await listening.DisposeAsync();
            throw;
        }
    }

    private async Task UntilLostAsync(IChannel channel, CancellationToken stoppingToken)
    {
        var lostSince = (long?)null;
        using var pulse = new PeriodicTimer(Pulse, time);
        while (await pulse.WaitForNextTickAsync(stoppingToken))
        {
            if (channel.IsOpen)
                lostSince = null;
            else if (time.GetElapsedTime(lostSince ??= time.GetTimestamp()) > RecoveryPatience)
                return;
        }
    }

    private async Task HandleAsync(IChannel channel, BasicDeliverEventArgs delivery, CancellationToken stoppingToken)
    {
        using var activity = Source.StartActivity($"{queue} handle", ActivityKind.Consumer, TraceParent(delivery));
        activity?.SetTag("messaging.destination.name", queue).SetTag("messaging.message.id", delivery.BasicProperties.MessageId);
        try
        {
            if (!Guid.TryParse(delivery.BasicProperties.MessageId, out var messageId))
                throw new UnreadableMessageException("The message has no id.");
            // What was begun is finished, also while the worker stops: no deliveries come any more, and the host waits.
            await consumer.HandleAsync(delivery.BasicProperties.Type ?? delivery.RoutingKey, messageId, delivery.Body, CancellationToken.None);
            await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false, CancellationToken.None);
        }
        catch (UnreadableMessageException unreadable)
        {
            activity?.SetStatus(ActivityStatusCode.Error, unreadable.Message);
            logger.LogError("Message {MessageId} in {Queue} goes to the dead letters: {Reason}", delivery.BasicProperties.MessageId, queue, unreadable.Message);
            await RejectAsync(channel, delivery, requeue: false);
        }
        catch (Exception failure)
        {
            activity?.SetStatus(ActivityStatusCode.Error, failure.Message);
            var pause = Pause(delivery);
            logger.LogWarning(failure, "Message {MessageId} in {Queue} failed and is tried again in {Pause}.", delivery.BasicProperties.MessageId, queue, pause);
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await RejectAsync(channel, delivery, requeue: true);
        }
    }

    private static async Task RejectAsync(IChannel channel, BasicDeliverEventArgs delivery, bool requeue)
    {
        // On a channel that was lost meanwhile the broker has taken the message back already.
        if (channel.IsOpen)
            await channel.BasicNackAsync(delivery.DeliveryTag, multiple: false, requeue, CancellationToken.None);
    }

    /// <summary>0.25 s after the first try, twice as long after each further one, 30 s at most.</summary>
    private static TimeSpan Pause(BasicDeliverEventArgs delivery)
    {
        var tries = delivery.BasicProperties.Headers?.TryGetValue("x-delivery-count", out var count) is true ? Convert.ToInt32(count, null) : 0;
        return TimeSpan.FromSeconds(Math.Min(0.25 * Math.Pow(2, tries), 30));
    }

    private static string? TraceParent(BasicDeliverEventArgs delivery) =>
        delivery.BasicProperties.Headers?.TryGetValue("traceparent", out var value) is true && value is byte[] text ? Encoding.ASCII.GetString(text) : null;

    /// <summary>A channel being heard. Disposing it stops the deliveries and waits for those being handled.</summary>
    private sealed class Listening(IChannel channel) : IAsyncDisposable
    {
        private int _handling;
        private TaskCompletionSource? _idle;

        public IChannel Channel => channel;

        public string? ConsumerTag { get; set; }

        public async Task TrackAsync(Func<Task> handle)
        {
            Interlocked.Increment(ref _handling);
            try
            {
                await handle();
            }
            finally
            {
                if (Interlocked.Decrement(ref _handling) == 0)
                    Volatile.Read(ref _idle)?.TrySetResult();
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (channel.IsOpen && ConsumerTag is not null)
                await channel.BasicCancelAsync(ConsumerTag, noWait: false, CancellationToken.None);
            var idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _idle, idle);
            if (Volatile.Read(ref _handling) > 0)
                await idle.Task;
            await channel.DisposeAsync();
        }
    }
}
