using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Shop.Infrastructure.Messaging;

/// <summary>
/// Publishes in bulk: all messages of a batch go out one after the other, then their confirms are awaited together.
/// Every message is mandatory, so one without a queue comes back instead of vanishing. Safe for several callers.
/// </summary>
/// <remarks>
/// The confirms are counted here and not by RabbitMQ.Client, whose tracking holds a task and a header for each message
/// and slows down from 64 unconfirmed ones on. A channel that has failed once stays unusable: open another.
/// </remarks>
public sealed class ConfirmingChannel : IAsyncDisposable
{
    /// <summary>
    /// A broker that says nothing for so long is not merely busy; the messages are then published again by another channel.
    /// </summary>
    private static readonly TimeSpan ConfirmTimeout = TimeSpan.FromSeconds(30);

    private readonly IChannel _channel;
    // Never disposed: whoever waits for it when the channel goes is to hear of the channel, and it holds nothing.
    private readonly SemaphoreSlim _publishing = new(1, 1);
    private readonly Lock _lock = new();

    // Unconfirmed messages by their sequence number, which the broker counts from 1 as well.
    private readonly Dictionary<ulong, Pending> _pending = [];
    private ulong _lastPublished;
    private ulong _confirmedUpTo;
    private bool _failed;

    private ConfirmingChannel(IChannel channel)
    {
        _channel = channel;
        channel.BasicAcksAsync += (_, ack) => Settle(ack.DeliveryTag, ack.Multiple, PublishOutcome.Confirmed);
        channel.BasicNacksAsync += (_, nack) => Settle(nack.DeliveryTag, nack.Multiple, PublishOutcome.Refused);
        channel.BasicReturnAsync += Return;
        channel.ChannelShutdownAsync += (_, _) =>
        {
            Abandon();
            return Task.CompletedTask;
        };
    }

    /// <summary>False once it was lost; nothing can be published any more.</summary>
    public bool IsOpen => _channel.IsOpen && !Volatile.Read(ref _failed);

    /// <summary>For declaring what the messages need.</summary>
    public IChannel Channel => _channel;

    public static async Task<ConfirmingChannel> OpenAsync(IConnection connection, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return new ConfirmingChannel(await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false), cancellationToken));
    }

    /// <summary>Returns when the broker has said of each message what became of it, or the channel is lost.</summary>
    /// <returns>An outcome for each message, in their order.</returns>
    /// <exception cref="TimeoutException">The broker said nothing for half a minute.</exception>
    /// <exception cref="AlreadyClosedException">The channel was lost before.</exception>
    public async Task<PublishOutcome[]> PublishAsync(IReadOnlyList<OutgoingMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        if (messages.Count == 0)
            return [];
        var batch = new Batch(messages.Count);
        using var timeout = new CancellationTokenSource(ConfirmTimeout);
        try
        {
            await _publishing.WaitAsync(timeout.Token);
            try
            {
                for (var index = 0; index < messages.Count; index++)
                    await PublishAsync(messages[index], batch, index, timeout.Token);
            }
            finally
            {
                _publishing.Release();
            }

            return await batch.Settled.WaitAsync(timeout.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            Abandon();
            throw new TimeoutException($"RabbitMQ has confirmed nothing for {ConfirmTimeout.TotalSeconds:0} s.");
        }
        catch
        {
            // From here on the broker's count and ours may differ.
            Abandon();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Abandon();
        try
        {
            await _channel.DisposeAsync();
        }
        catch (Exception failure) when (failure is RabbitMQClientException or IOException or TimeoutException or OperationCanceledException)
        {
            // It was closed by the other side already, or the broker doesn't answer: it is gone either way.
        }
    }

    private async ValueTask PublishAsync(OutgoingMessage message, Batch batch, int index, CancellationToken cancellationToken)
    {
        using var activity = message.TraceParent is null && Activity.Current is null
            ? null
            : MessagingTelemetry.Source.StartActivity("publish", ActivityKind.Producer, message.TraceParent);
        if (activity is { IsAllDataRequested: true })
        {
            activity.DisplayName = $"publish {message.RoutingKey}";
            activity.SetTag("messaging.system", "rabbitmq").SetTag("messaging.destination.name", message.RoutingKey)
                .SetTag("messaging.message.id", message.Properties.MessageId);
        }

        if ((activity?.Id ?? message.TraceParent) is { } traceParent)
            (message.Properties.Headers ??= new Dictionary<string, object?>())[MessageHeaders.TraceParent] = traceParent;

        lock (_lock)
        {
            if (!IsOpen)
                throw new AlreadyClosedException(_channel.CloseReason
                    ?? new ShutdownEventArgs(ShutdownInitiator.Application, Constants.ReplySuccess, "The channel is lost."));
            _pending.Add(++_lastPublished, new Pending(batch, index, message.Properties.MessageId, message.RoutingKey));
        }

        await _channel.BasicPublishAsync(
            message.Exchange, message.RoutingKey, mandatory: true, message.Properties, message.Body, cancellationToken);
    }

    private Task Settle(ulong sequenceNumber, bool multiple, PublishOutcome outcome)
    {
        lock (_lock)
        {
            for (var number = multiple ? _confirmedUpTo + 1 : sequenceNumber; number <= sequenceNumber; number++)
            {
                if (_pending.Remove(number, out var pending))
                    pending.Batch.Settle(pending.Index, outcome);
            }

            // Whatever lies below was settled one by one or with this.
            while (_confirmedUpTo < _lastPublished && !_pending.ContainsKey(_confirmedUpTo + 1))
                _confirmedUpTo++;
        }

        return Task.CompletedTask;
    }

    /// <summary>A message that has come back is confirmed all the same, right after.</summary>
    private Task Return(object sender, BasicReturnEventArgs returned)
    {
        lock (_lock)
        {
            foreach (var pending in _pending.Values)
            {
                if (pending.MessageId == returned.BasicProperties.MessageId && pending.RoutingKey == returned.RoutingKey)
                    pending.Batch.Return(pending.Index);
            }
        }

        return Task.CompletedTask;
    }

    private void Abandon()
    {
        lock (_lock)
        {
            Volatile.Write(ref _failed, true);
            foreach (var pending in _pending.Values)
                pending.Batch.Settle(pending.Index, PublishOutcome.Unknown);
            _pending.Clear();
        }
    }

    private readonly record struct Pending(Batch Batch, int Index, string? MessageId, string RoutingKey);

    /// <summary>Messages that are awaited together; guarded by the channel's lock.</summary>
    private sealed class Batch(int count)
    {
        private readonly TaskCompletionSource<PublishOutcome[]> _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly PublishOutcome[] _outcomes = new PublishOutcome[count];
        private int _left = count;

        public Task<PublishOutcome[]> Settled => _settled.Task;

        public void Return(int index) => _outcomes[index] = PublishOutcome.Unroutable;

        public void Settle(int index, PublishOutcome outcome)
        {
            if (_outcomes[index] is PublishOutcome.Unknown)
                _outcomes[index] = outcome;
            if (--_left == 0)
                _settled.TrySetResult(_outcomes);
        }
    }
}

/// <summary>What is to be published.</summary>
/// <param name="Exchange">Empty for the default exchange, where <paramref name="RoutingKey"/> is a queue's name.</param>
/// <param name="TraceParent">The trace it belongs to (W3C Trace Context); it arrives in the header of that name.</param>
public readonly record struct OutgoingMessage(
    string Exchange, string RoutingKey, BasicProperties Properties, ReadOnlyMemory<byte> Body, string? TraceParent);

/// <summary>What became of it.</summary>
public enum PublishOutcome
{
    /// <summary>The channel was lost before the broker said anything; it may be in a queue or not.</summary>
    Unknown,

    /// <summary>Every queue it belongs in holds it, on disk.</summary>
    Confirmed,

    /// <summary>There is no queue for it.</summary>
    Unroutable,

    /// <summary>A queue refused it.</summary>
    Refused,
}
