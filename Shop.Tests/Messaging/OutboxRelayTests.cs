using RabbitMQ.Client;
using Shop.Contracts;

namespace Shop.Tests.Messaging;

[Trait("Category", "Distributed")]
[Collection(MessagingShopCollection.Name)]
public sealed class OutboxRelayTests(MessagingShop shop)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_that_nobody_listens_to_is_parked_holds_up_no_other_and_can_be_released()
    {
        await using var heard = await ListeningQueue.BindAsync(shop, "test.heard");
        var lost = await shop.SendAsync("test.nobody", """{"paymentToken":"tok_visa","lines":[1,2.50,null,true]}""");
        for (var count = 0; count < 20; count++)
            await shop.SendAsync("test.heard", "{}");

        await Eventually.SeesAsync(Patience, () => Task.FromResult(heard.Heard.Count), count => count == 20, "the others get away");
        using var admin = shop.Admin();
        var state = await Eventually.SeesAsync(
            Patience, () => MessagingShop.ReadAsync(admin, "/api/v1/admin/outbox", ShopJson.Default.OutboxState),
            seen => seen.ParkedCount > 0, "it is parked");
        var parked = Assert.Single(state.Parked, parked => parked.Type == "test.nobody");
        Assert.Equal("No queue takes events of type test.nobody.", parked.Reason);
        Assert.Equal(MessagingShop.Attempts, parked.Attempts);
        Assert.Equal("""{"paymentToken":"***","lines":[1,2.50,null,true]}""", parked.Payload);

        await using var late = await ListeningQueue.BindAsync(shop, "test.nobody");
        using var released = await admin.PostAsync($"/api/v1/admin/outbox/{parked.Id}/release", null, Cancellation);
        Assert.Equal(HttpStatusCode.NoContent, released.StatusCode);
        await Eventually.SeesAsync(Patience, () => Task.FromResult(late.Heard.Count), count => count == 1, "it gets away after all");
        Assert.Equal(lost.ToString(), late.Heard.Single().MessageId);
        var (exitCode, said) = await shop.RunWorkerAsync("outbox", "release", parked.Id.ToString());
        Assert.Equal(1, exitCode);
        Assert.Contains("No event", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Relays_working_side_by_side_publish_no_event_twice()
    {
        const int Events = 5000;
        await using var heard = await ListeningQueue.BindAsync(shop, "test.many");
        await shop.ExecuteAsync(
            "INSERT INTO messaging.outbox (id, type, payload, occurred_at) SELECT gen_random_uuid(), 'test.many', '{}', now() FROM "
                + "generate_series(1, $1)", Events);
        await shop.ExecuteAsync("NOTIFY outbox");

        await Eventually.SeesAsync(
            Patience, () => shop.AskAsync<long>("SELECT count(*) FROM messaging.outbox WHERE type = 'test.many'"), left => left == 0,
            "the outbox is empty");
        await Eventually.SeesAsync(Patience, () => Task.FromResult(heard.Heard.Count), count => count >= Events, "all are heard");
        Assert.Equal(Events, heard.Heard.Count);
        Assert.Equal(Events, heard.Heard.Select(message => message.MessageId).Distinct().Count());
    }

    [Fact]
    public async Task A_queue_that_refuses_makes_the_relay_degraded_and_gets_its_event_when_it_has_room()
    {
        await using var broker = await shop.ConnectAsync();
        await using var channel = await broker.CreateChannelAsync(cancellationToken: Cancellation);
        var full = new Dictionary<string, object?> { ["x-max-length"] = 1, ["x-overflow"] = "reject-publish" };
        var queue = (await channel.QueueDeclareAsync(arguments: full, cancellationToken: Cancellation)).QueueName;
        await channel.QueueBindAsync(queue, BrokerTopology.Exchange, "test.refused", cancellationToken: Cancellation);
        await channel.BasicPublishAsync("", queue, "fills it"u8.ToArray(), Cancellation);

        var refused = await shop.SendAsync("test.refused", "{}");
        using var worker = shop.App.CreateHttpClient("worker", "management");
        await Eventually.SeesAsync(
            Patience, () => worker.GetStringAsync("/health", Cancellation),
            health => health.Contains("RabbitMQ has been refusing events", StringComparison.Ordinal), "the relay's health says so");

        await channel.BasicGetAsync(queue, autoAck: true, Cancellation);
        var late = await Eventually.SeesAsync(
            2 * Patience, () => channel.BasicGetAsync(queue, autoAck: true, Cancellation), message => message is not null,
            "the event gets away after all");
        Assert.Equal(refused.ToString(), late!.BasicProperties.MessageId);
        await Eventually.SeesAsync(
            Patience, () => worker.GetStringAsync("/health", Cancellation),
            health => !health.Contains("refusing", StringComparison.Ordinal), "the relay's health is good again");
    }

    [Fact]
    public async Task The_trace_of_an_event_arrives_with_it()
    {
        const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        await using var heard = await ListeningQueue.BindAsync(shop, "test.traced");
        await shop.SendAsync("test.traced", "{}", traceParent: $"00-{Trace}-00f067aa0ba902b7-01");

        await Eventually.SeesAsync(Patience, () => Task.FromResult(heard.Heard.Count), count => count == 1, "it is heard");
        Assert.Contains(Trace, heard.Heard.Single().TraceParent, StringComparison.Ordinal);
    }
}
