using System.Diagnostics.Metrics;
using System.Net.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Shop.Worker.Messaging;

/// <summary>
/// Consumes one queue and gives its messages to a handler, many at once. A message is acknowledged only after its effect is
/// committed; a failed one is put into a queue where it waits for its next attempt, and after too many attempts into
/// the dead letters, so no failure holds up another message. Its health is whether it really hears.
/// </summary>
internal sealed class QueueListener : BackgroundService, IHealthCheck
{
    /// <summary>How long to wait before the queue is tried again that can't be consumed.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>While a server is away, its return isn't awaited longer than this, however long it has been away.</summary>
    private static readonly TimeSpan LongestDelayWhileAway = TimeSpan.FromSeconds(30);

    private readonly string _queue;
    private readonly string _activityName;
    private readonly KeyValuePair<string, object?> _tag;
    private readonly IDeliveryHandler _handler;
    private readonly BrokerConnection _broker;
    private readonly Redelivery _redelivery;
    private readonly ConsumerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly InFlight _inFlight = new();
    private volatile string? _trouble = "It has only just started.";

    public QueueListener(
        string queue,
        IDeliveryHandler handler,
        [FromKeyedServices(BrokerConnection.Consuming)] BrokerConnection broker,
        Redelivery redelivery,
        IOptions<ConsumerOptions> options,
        TimeProvider time,
        ILogger<QueueListener> logger)
    {
        (_queue, _handler, _broker, _redelivery, _options, _time, _logger) = (
            queue, handler, broker, redelivery, options.Value, time, logger);
        (_activityName, _tag) = ($"{queue} handle", MessagingTelemetry.Of(queue));
    }

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_trouble is { } trouble
            ? new HealthCheckResult(
                context.Registration.FailureStatus, $"Nobody hears the queue {_queue}, its messages wait there: {trouble}")
            : HealthCheckResult.Healthy());

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var subscription = await SubscribeAsync(stoppingToken);
                try
                {
                    Complain(await subscription.Lost.WaitAsync(stoppingToken));
                }
                catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
                {
                    await subscription.CancelAsync();
                    await _inFlight.IsEmptyAsync();
                    await subscription.Acknowledgements.FlushAsync();
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception failure)
            {
                // The broker is away or refuses; messages wait in the queue and nothing is lost by trying again.
                Complain(failure.Message);
            }

            await Task.Delay(Pause, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // Also those that came by a channel that was lost meanwhile: what they do in the database is done to its end.
        await _inFlight.IsEmptyAsync();
    }

    private void Complain(string trouble)
    {
        if (_trouble != trouble)
            _logger.QueueNotConsumed(_queue, trouble);
        _trouble = trouble;
    }

    private async Task<Subscription> SubscribeAsync(CancellationToken stoppingToken)
    {
        var connection = await _broker.GetAsync(stoppingToken);
        var channel = await connection.CreateChannelAsync(
            // One after the other is enough: a handler gives way at its first wait, and the next delivery is begun.
            new CreateChannelOptions(
                publisherConfirmationsEnabled: false, publisherConfirmationTrackingEnabled: false, consumerDispatchConcurrency: 1),
            stoppingToken);
        var subscription = new Subscription(this, channel, stoppingToken);
        try
        {
            await BrokerTopology.DeclareAsync(channel, stoppingToken);
            await BrokerTopology.DeclareRetriesAsync(channel, _options.DelaysInUse, stoppingToken);
            // What isn't acknowledged is being handled: the broker itself keeps to the number we handle at once.
            await channel.BasicQosAsync(prefetchSize: 0, (ushort)_options.Concurrency, global: false, stoppingToken);
            subscription.ConsumerTag = await channel.BasicConsumeAsync(_queue, autoAck: false, subscription, stoppingToken);
            _logger.QueueConsumed(_queue);
            _trouble = null;
            return subscription;
        }
        catch
        {
            await subscription.DisposeAsync();
            throw;
        }
    }

    /// <summary>Begins with a message; what comes of it is counted in <see cref="_inFlight"/> and never thrown.</summary>
    private async Task HandleAsync(Subscription subscription, Delivery delivery, CancellationToken stoppingToken)
    {
        _inFlight.Enter();
        try
        {
            // Said to come from elsewhere, which a text isn't taken for: of a message that isn't sampled this span alone is recorded, to be
            // kept if it fails.
            ActivityContext.TryParse(delivery.TraceParent, traceState: null, isRemote: true, out var sender);
            using var activity = MessagingTelemetry.Source.StartActivity(_activityName, ActivityKind.Consumer, sender);
            activity?.SetTag("messaging.system", "rabbitmq").SetTag("messaging.destination.name", _queue)
                .SetTag("messaging.message.id", delivery.MessageId);
            if (await IsDoneAsync(subscription, delivery, activity, stoppingToken))
                subscription.Acknowledgements.Done(delivery.Tag);
        }
        finally
        {
            _inFlight.Leave();
        }
    }

    /// <returns>Whether the broker may forget the message here: its effect is committed, or it is somewhere else now.</returns>
    private async Task<bool> IsDoneAsync(Subscription subscription, Delivery delivery, Activity? activity, CancellationToken stoppingToken)
    {
        try
        {
            await _handler.HandleAsync(delivery, stoppingToken);
            MessagingTelemetry.Handled.Add(1, _tag);
            if (delivery.OccurredAt is { } occurredAt)
            {
                // The clock that wrote it may be ahead of the one here.
                MessagingTelemetry.Lag.Record(Math.Max(0, (_time.GetUtcNow() - occurredAt).TotalSeconds), _tag);
            }

            return true;
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Given back: the broker delivers it to the next worker.
            return false;
        }
        catch (Exception failure)
        {
            activity?.SetStatus(ActivityStatusCode.Error, failure.Message);
            var attempts = delivery.FailedAttempts + 1;
            if (failure is UnreadableMessageException || (attempts >= _options.Attempts && !DatabaseFailures.IsTransient(failure)))
            {
                _logger.MessageGivenUp(failure, delivery.MessageId, _queue, attempts);
                return await MoveAsync(
                    subscription, delivery, MessagingTelemetry.Died, () => _redelivery.DeadLetterAsync(delivery, attempts, failure.Message),
                    stoppingToken);
            }

            var delay = Delay(attempts, failure);
            _logger.MessageTriedLater(failure, delivery.MessageId, _queue, delay);
            return await MoveAsync(
                subscription, delivery, MessagingTelemetry.Retried,
                () => _redelivery.RetryLaterAsync(delivery, attempts, delay, failure.Message), stoppingToken);
        }
    }

    /// <summary>Moves a message and counts it, if need be again and again: until then the broker keeps it here, unacknowledged.</summary>
    private async Task<bool> MoveAsync(
        Subscription subscription, Delivery delivery, Counter<long> moved, Func<Task> move, CancellationToken stoppingToken)
    {
        while (!subscription.Lost.IsCompleted)
        {
            try
            {
                await move();
                moved.Add(1, _tag);
                return true;
            }
            catch (Exception failure)
            {
                _logger.MessageNotMoved(delivery.MessageId, _queue, failure.Message);
            }

            if (stoppingToken.IsCancellationRequested)
                return false;
            await Task.Delay(Pause, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // With its channel lost it is in the queue again, and is delivered anew.
        return false;
    }

    private TimeSpan Delay(int attempts, Exception failure)
    {
        var delays = _options.DelaysInUse;
        var last = delays.Count - 1;
        if (DatabaseFailures.IsTransient(failure))
        {
            while (last > 0 && delays[last] > LongestDelayWhileAway)
                last--;
        }

        return delays[Math.Min(attempts - 1, last)];
    }

    /// <summary>A channel on which the queue is heard, from when it is opened until it is lost.</summary>
    private sealed class Subscription(
        QueueListener listener, IChannel channel, CancellationToken stoppingToken) : AsyncDefaultBasicConsumer(channel), IAsyncDisposable
    {
        private readonly TaskCompletionSource<string> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string? ConsumerTag { get; set; }

        public Acknowledgements Acknowledgements { get; } = new(channel, listener._logger);

        /// <summary>Completes with the reason when no more messages will come.</summary>
        public Task<string> Lost => _lost.Task;

        public override Task HandleBasicDeliverAsync(
            string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey,
            IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
        {
            // Not awaited: the next delivery comes while this one is handled. The listener counts it and waits for it.
            _ = listener.HandleAsync(this, Delivery.Copy(listener._queue, deliveryTag, routingKey, properties, body), stoppingToken);
            return Task.CompletedTask;
        }

        public override Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default)
        {
            _lost.TrySetResult("RabbitMQ has ended the subscription: the queue was deleted or lost its leader");
            return base.HandleBasicCancelAsync(consumerTag, cancellationToken);
        }

        public override Task HandleChannelShutdownAsync(object channel, ShutdownEventArgs reason)
        {
            _lost.TrySetResult($"the channel was closed: {reason.ReplyText}");
            return base.HandleChannelShutdownAsync(channel, reason);
        }

        /// <summary>No more messages come when this returns; those that have come are still being handled.</summary>
        public async Task CancelAsync()
        {
            try
            {
                if (Channel.IsOpen && ConsumerTag is not null)
                    await Channel.BasicCancelAsync(ConsumerTag);
            }
            catch (Exception lost) when (lost is RabbitMQClientException or IOException or TimeoutException or OperationCanceledException)
            {
                _lost.TrySetResult(lost.Message);
            }
        }

        public async ValueTask DisposeAsync()
        {
            try
            {
                await Channel.DisposeAsync();
            }
            catch (Exception lost) when (lost is RabbitMQClientException or IOException or TimeoutException or OperationCanceledException)
            {
                // It was closed by the other side already, or the broker doesn't answer: it is gone either way.
                listener._logger.ChannelGone(listener._queue, lost.Message);
            }
        }
    }

    /// <summary>The messages being handled, on the channel of now and on lost ones.</summary>
    private sealed class InFlight
    {
        private int _count;
        private TaskCompletionSource? _empty;

        public void Enter() => Interlocked.Increment(ref _count);

        public void Leave()
        {
            if (Interlocked.Decrement(ref _count) == 0)
                Volatile.Read(ref _empty)?.TrySetResult();
        }

        /// <summary>Asked when nothing enters any more.</summary>
        public async Task IsEmptyAsync()
        {
            var empty = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _empty, empty);
            if (Volatile.Read(ref _count) > 0)
                await empty.Task;
        }
    }
}
