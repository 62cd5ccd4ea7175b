using RabbitMQ.Client;
using Shop.Contracts.Events;
using Shop.Worker.Messaging;

namespace Shop.Tests.Telemetry;

/// <summary>How a trace goes through the broker, with a queue of the test's own on the running shop's.</summary>
[Trait("Category", "Servers")]
[Collection(OneAtATime.Name)]
public sealed class MessageTraceTests(RunningServers servers) : IDisposable
{
    private readonly SentSpans _spans = new(perSecond: 0);
    private readonly ActivityTraceId _trace = ActivityTraceId.CreateRandom();
    private readonly Guid _orderId = Guid.NewGuid();

    public void Dispose() => _spans.Dispose();

    [Fact]
    public async Task A_sampled_trace_goes_on_behind_the_broker_and_names_its_order()
    {
        await SendAsync(ActivityTraceFlags.Recorded, failures: 0);

        var spans = _spans.Of(_trace);
        var publish = Assert.Single(spans, span => span.Kind is ActivityKind.Producer);
        var handle = Assert.Single(spans, span => span.Kind is ActivityKind.Consumer);
        Assert.StartsWith("publish ", publish.DisplayName, StringComparison.Ordinal);
        Assert.Equal(publish.SpanId, handle.ParentSpanId);
        Assert.Equal(_orderId.ToString(), handle.GetTagItem("shop.order.id"));
    }

    [Fact]
    public async Task A_message_that_fails_is_kept_in_its_trace_though_that_is_not_sampled()
    {
        await SendAsync(ActivityTraceFlags.None, failures: 1);

        var failed = Assert.Single(_spans.Of(_trace));
        Assert.Equal(ActivityStatusCode.Error, failed.Status);
        Assert.Equal(_orderId.ToString(), failed.GetTagItem("shop.order.id"));
    }

    /// <summary>Publishes an event of the trace and returns when it is handled.</summary>
    private async Task SendAsync(ActivityTraceFlags flags, int failures)
    {
        var message = OutboxMessage.Of(
            new OrderConfirmed(_orderId), DateTimeOffset.UtcNow, $"00-{_trace}-{ActivitySpanId.CreateRandom()}-{(int)flags:x2}");
        var consumer = new Consumer(failures);
        await OwnQueue.ConsumeAsync(
            servers,
            $"test.traces.{Guid.NewGuid():N}",
            consumer,
            new BasicProperties { MessageId = message.Id.ToString(), Type = message.Type },
            Encoding.UTF8.GetBytes(message.Payload),
            message.TraceParent,
            () => consumer.Handled.WaitAsync(OwnQueue.Patience, TestContext.Current.CancellationToken));
    }

    private sealed class Consumer : EventConsumer
    {
        private readonly TaskCompletionSource _handled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _failures;

        public Consumer(int failures)
        {
            _failures = failures;
            On<OrderConfirmed>((_, _, _) =>
            {
                if (Interlocked.Decrement(ref _failures) >= 0)
                    throw new InvalidOperationException("Not yet.");
                _handled.TrySetResult();
                return Task.CompletedTask;
            });
        }

        public Task Handled => _handled.Task;
    }
}
