using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RabbitMQ.Client;
using Shop.Infrastructure.Inventory;
using Shop.Infrastructure.Tracing;
using Shop.Tests.Audit;
using Shop.Worker.Telemetry;

namespace Shop.Tests.Telemetry;

/// <summary>What gauges show is what is there, and nothing when it isn't known.</summary>
[Trait("Category", "Servers")]
[Collection(OneAtATime.Name)]
public sealed class GaugeTests(RunningServers servers, SeededShopFixture seeded) : IClassFixture<SeededShopFixture>, IDisposable
{
    private const string AddEvents = """
        INSERT INTO messaging.outbox (id, type, payload, occurred_at, attempts, next_attempt_at, parked_at) VALUES
            (gen_random_uuid(), 'test.young', '{}', now() - interval '1 minute', 0, '-infinity', NULL),
            (gen_random_uuid(), 'test.tried', '{}', now() - interval '10 minutes', 2, now() + interval '1 minute', NULL),
            (gen_random_uuid(), 'test.parked', '{}', now() - interval '1 day', 12, '-infinity', now());
        """;

    private const string AddLetters = """
        INSERT INTO messaging.dead_letters (id, queue, type, payload, reason, attempts, died_at, resent_at, discarded_at)
        SELECT gen_random_uuid(), 'shop.payments', 'test', '', 'Test.', 7, now(), CASE n WHEN 1 THEN now() END, CASE n WHEN 2 THEN now() END
        FROM generate_series(1, 4) AS n;
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly RecordedMeters _meters = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _meters.Dispose();

    [Fact]
    public async Task What_waits_in_Postgres_is_shown()
    {
        await using var shop = await MeasuredShop.OpenAsync(seeded.Shop);
        await shop.DatabaseGauges.ReadAsync(Cancellation);

        foreach (var gauge in new[] { "shop.outbox.depth", "shop.outbox.age", "shop.dead_letters", "shop.stock.oversold" })
            Assert.Equal([0], _meters.Look(gauge));

        await shop.Database.RunAsync(AddEvents + AddLetters
            + "ALTER TABLE inventory.stock DROP CONSTRAINT never_oversold; UPDATE inventory.stock SET reserved = on_hand + 1 "
            + "WHERE sku = 'TENT-0';");
        await shop.DatabaseGauges.ReadAsync(Cancellation);

        Assert.Equal([2], _meters.Look("shop.outbox.depth"));
        Assert.InRange(Assert.Single(_meters.Look("shop.outbox.age")), 600, 6000);
        Assert.Equal([2], _meters.Look("shop.dead_letters"));
        Assert.Equal([1], _meters.Look("shop.stock.oversold"));
    }

    [Fact]
    public async Task What_waits_in_the_queues_is_shown_by_queue_also_after_the_channel_was_lost()
    {
        var factory = await FactoryAsync();
        await using var broker = new BrokerConnection(factory, "test");
        await DeclareAsync(broker);
        await using var depths = new QueueDepths(broker);
        await depths.ReadAsync(Cancellation);

        await (await broker.GetAsync(Cancellation)).CloseAsync(Cancellation);
        await depths.ReadAsync(Cancellation);

        foreach (var queue in BrokerTopology.ConsumedQueues)
            Assert.Single(_meters.Look("shop.queue.depth", $"queue={queue}"));
    }

    [Fact]
    public async Task While_Postgres_is_away_the_queues_are_still_shown()
    {
        await using var broker = new BrokerConnection(await FactoryAsync(), "test");
        await DeclareAsync(broker);
        await using var depths = new QueueDepths(broker);
        await using var away = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1");
        MessagingTelemetry.QueueDepth.Set(new Measurement<long>(-1, MessagingTelemetry.Of(BrokerTopology.OrderingQueue)));
        var time = TimeProvider.System;
        var stored = new DatabaseGauges(new OutboxAdministration(away, time), new DeadLetters(away, time), new Stock(away));
        using var reader = new GaugeReader(stored, depths, time, NullLogger<GaugeReader>.Instance);

        await reader.StartAsync(Cancellation);

        await Eventually.SeesAsync(
            Patience, () => Task.FromResult(_meters.Look("shop.queue.depth", $"queue={BrokerTopology.OrderingQueue}")),
            seen => seen is [>= 0], "the queue is read");
        Assert.False(reader.ExecuteTask?.IsCompleted);
        await reader.StopAsync(Cancellation);
    }

    [Fact]
    public void A_gauge_that_nobody_reads_any_more_shows_nothing()
    {
        using var meter = new Meter("Shop.Tests.Gauges");
        var clock = new FakeTimeProvider();
        var reading = new ExpiringGauge<long>(meter, "shop.tests.gauge", "{thing}", "Of this test.", clock);
        Assert.Empty(_meters.Look("shop.tests.gauge"));

        reading.Set(7);
        Assert.Equal([7], _meters.Look("shop.tests.gauge"));

        clock.Advance(ExpiringGauge<long>.GoodFor - TimeSpan.FromSeconds(1));
        Assert.Equal([7], _meters.Look("shop.tests.gauge"));

        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(_meters.Look("shop.tests.gauge"));
    }

    private static async Task DeclareAsync(BrokerConnection broker)
    {
        await using var channel = await (await broker.GetAsync(Cancellation)).CreateChannelAsync(cancellationToken: Cancellation);
        await BrokerTopology.DeclareAsync(channel, Cancellation);
    }

    private async Task<ConnectionFactory> FactoryAsync() => new()
    {
        Uri = new Uri(await servers.RabbitMqAsync()),
        AutomaticRecoveryEnabled = false,
    };
}
