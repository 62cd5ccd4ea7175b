using RabbitMQ.Client;
using Shop.Worker.Messaging;

namespace Shop.Tests.Telemetry;

/// <summary>What a consumer counts, with a queue of the test's own on the running shop's broker.</summary>
[Trait("Category", "Servers")]
[Collection(OneAtATime.Name)]
public sealed class ConsumerMeterTests(RunningServers servers) : IDisposable
{
    private readonly RecordedMeters _meters = new();
    private readonly string _queue = $"test.meters.{Guid.NewGuid():N}";

    public void Dispose() => _meters.Dispose();

    [Fact]
    public async Task A_handled_message_is_counted_with_the_time_since_its_event_and_a_failed_one_as_tried_again()
    {
        var failures = 1;
        await RunAsync(
            () => Interlocked.Decrement(ref failures) >= 0 ? throw new InvalidOperationException("Not yet.") : Task.CompletedTask,
            Guid.CreateVersion7(DateTimeOffset.UtcNow.AddSeconds(-100)),
            () => Sum("shop.messaging.handled") == 1);

        Assert.Equal(1, Sum("shop.messaging.retried"));
        Assert.Equal(0, Sum("shop.messaging.died"));
        Assert.InRange(Assert.Single(_meters.Values("shop.messaging.lag", $"queue={_queue}")), 100, 1000);
    }

    [Fact]
    public async Task The_time_since_an_event_is_not_told_of_a_message_whose_id_does_not_hold_it()
    {
        await RunAsync(() => Task.CompletedTask, Guid.NewGuid(), () => Sum("shop.messaging.handled") == 1);

        Assert.Empty(_meters.Values("shop.messaging.lag", $"queue={_queue}"));
    }

    [Theory]
    [InlineData("01937ed9-7200-7000-8000-000000000000", 1733000000000L)]
    [InlineData("ffffffff-ffff-7fff-bfff-ffffffffffff", null)]
    [InlineData("01937ed9-7200-4000-8000-000000000000", null)]
    [InlineData("no id", null)]
    [InlineData(null, null)]
    public void An_id_of_version_7_tells_when_its_event_happened(string? id, long? milliseconds) => Assert.Equal(
        milliseconds, new Delivery("queue", 1, "type", id, null, ReadOnlyMemory<byte>.Empty).OccurredAt?.ToUnixTimeMilliseconds());

    private double Sum(string counter) => _meters.Sum(counter, $"queue={_queue}");

    /// <summary>Consumes the queue until something holds, with one message in it.</summary>
    private Task RunAsync(Func<Task> handle, Guid messageId, Func<bool> holds) => OwnQueue.ConsumeAsync(
        servers,
        _queue,
        new Handler(handle),
        new BasicProperties { MessageId = messageId.ToString(), Type = "test" },
        body: default,
        traceParent: null,
        () => Eventually.SeesAsync(OwnQueue.Patience, () => Task.FromResult(holds()), held => held, "the message is counted"));

    private sealed class Handler(Func<Task> handle) : IDeliveryHandler
    {
        public Task HandleAsync(Delivery delivery, CancellationToken stopping) => handle();
    }
}
