using RabbitMQ.Client;
using Shop.Benchmarks.Topology;
using Shop.Contracts;
using Shop.Contracts.Messaging;

namespace Shop.Tests.Messaging;

[Trait("Category", "Distributed")]
[Collection(MessagingShopCollection.Name)]
public sealed class DeadLetterTests(MessagingShop shop)
{
    private const string Confirmed = "ordering.order-confirmed";
    private const string Letters = "/api/v1/admin/dead-letters";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_failing_message_is_tried_ever_later_then_dies_and_sent_again_is_handled_once()
    {
        var (order, email) = (Guid.NewGuid(), Email());
        var message = await shop.SendAsync(
            Confirmed, Payload(order), BrokerTopology.NotificationsQueue, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");

        var letter = await shop.LetterAsync(message);
        Assert.Equal((BrokerTopology.NotificationsQueue, Confirmed, MessagingShop.Attempts), (letter.Queue, letter.Type, letter.Attempts));
        Assert.Equal($"There is no order {order} to write about.", letter.Reason);
        var lasted = letter.DiedAt - letter.FirstFailedAt!.Value;
        Assert.True(lasted >= MessagingShop.Delays.Aggregate(TimeSpan.Zero, (sum, delay) => sum + delay),
            $"It was given up after {lasted}.");
        Assert.Contains(
            "4bf92f3577b34da6a3ce929d0e0e4736",
            await shop.AskAsync<string>("SELECT trace_parent FROM messaging.dead_letters WHERE id = $1", letter.Id),
            StringComparison.Ordinal);

        // Sent again by the command, too early: it dies once more, and it is the same letter.
        var (exitCode, said) = await shop.RunWorkerAsync("dead-letters", "resend", letter.Id.ToString());
        Assert.True(exitCode == 0, said);
        var again = await shop.LetterAsync(message);
        Assert.Equal(letter.Id, again.Id);
        Assert.True(again.DiedAt > letter.DiedAt);

        // Sent again by the API, now that the reason is gone.
        await shop.CopyOrderAsync(await AnOrderAsync(), order, email);
        using var admin = shop.Admin();
        using var resent = await admin.PostAsync($"{Letters}/{letter.Id}/resend", null, Cancellation);
        Assert.NotNull((await Shopper.ReadAsync(resent, HttpStatusCode.OK, ShopJson.Default.DeadLetter)).ResentAt);
        await Eventually.SeesAsync(Patience, () => shop.MailsToAsync(email), mails => mails == 1, "the e-mail is sent");
        await Eventually.SeesAsync(
            Patience, () => shop.AskAsync<long>("SELECT count(*) FROM messaging.inbox WHERE message_id = $1", message), notes => notes == 1,
            "it is noted as handled");

        using var twice = await admin.PostAsync($"{Letters}/{letter.Id}/resend", null, Cancellation);
        await Shopper.ProblemAsync(twice, HttpStatusCode.Conflict);
        Assert.Equal(1, (await shop.RunWorkerAsync("dead-letters", "resend", letter.Id.ToString())).ExitCode);
        // And should the message come once more, nobody gets another e-mail.
        await shop.SendAsync(Confirmed, Payload(order), BrokerTopology.NotificationsQueue, messageId: message);
        await AnotherIsHandledAsync(order);
        Assert.Equal(1, await shop.MailsToAsync(email));
    }

    [Fact]
    public async Task A_payment_of_an_order_that_is_not_there_is_no_handled_message()
    {
        var order = Guid.NewGuid();
        var message = await shop.SendAsync(
            "payments.payment-succeeded",
            $$$"""{"orderId":"{{{order}}}","paymentId":"{{{Guid.NewGuid()}}}","amount":{"amount":1,"currency":"EUR"}}""",
            BrokerTopology.OrderingQueue);

        var letter = await shop.LetterAsync(message);

        Assert.Equal($"There is no order {order} to move on.", letter.Reason);
        Assert.Equal(0L, await shop.AskAsync<long>("SELECT count(*) FROM messaging.inbox WHERE message_id = $1", message));
    }

    [Fact]
    public async Task Messages_that_wait_for_their_next_attempt_hold_up_no_other()
    {
        // More than a worker handles at once.
        for (var count = 0; count < 600; count += 200)
        {
            await shop.ExecuteAsync(
                """
                INSERT INTO messaging.outbox (id, type, payload, queue, occurred_at)
                SELECT gen_random_uuid(), $1, format('{"orderId":"%s"}', gen_random_uuid()), $2, now() FROM generate_series(1, 200)
                """, Confirmed, BrokerTopology.NotificationsQueue);
        }

        var (order, email) = (Guid.NewGuid(), Email());
        await shop.CopyOrderAsync(await AnOrderAsync(), order, email);
        await shop.SendAsync(Confirmed, Payload(order), BrokerTopology.NotificationsQueue);
        await Eventually.SeesAsync(Patience, () => shop.MailsToAsync(email), mails => mails == 1, "the one that can be handled is");

        await Eventually.SeesAsync(
            Patience, () =>
                shop.AskAsync<long>("SELECT count(*) FROM messaging.dead_letters WHERE reason LIKE 'There is no order%' AND "
                    + "resent_at IS NULL AND discarded_at IS NULL"),
            died => died >= 600, "the others die in the end");
        using var admin = shop.Admin();
        var first = await MessagingShop.ReadAsync(
            admin, $"{Letters}?queue={BrokerTopology.NotificationsQueue}&pageSize=100", ShopJson.Default.PageDeadLetter);
        var second = await MessagingShop.ReadAsync(
            admin, $"{Letters}?queue={BrokerTopology.NotificationsQueue}&pageSize=100&cursor={first.NextCursor}",
            ShopJson.Default.PageDeadLetter);
        Assert.Equal(200, first.Items.Concat(second.Items).Select(letter => letter.Id).Distinct().Count());
        var (exitCode, said) = await shop.RunWorkerAsync("dead-letters", "resend", "--all", "--queue", BrokerTopology.NotificationsQueue);
        Assert.True(exitCode == 0, said);
        Assert.Contains("letters are on their way", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_takes_its_worker_down_again_and_again_dies()
    {
        // A queue as the shop's own, heard by workers that never live to answer.
        const string Fragile = "test.fragile";
        var message = Guid.NewGuid();
        await using (var connection = await shop.ConnectAsync())
        {
            await using (var channel = await connection.CreateChannelAsync(
                new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), Cancellation))
            {
                await channel.QueueDeclareAsync(Fragile, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?>
                {
                    ["x-queue-type"] = "quorum",
                    ["x-delivery-limit"] = BrokerTopology.DeliveryLimit,
                    ["x-dead-letter-exchange"] = BrokerTopology.DeadLetters,
                    ["x-dead-letter-strategy"] = "at-least-once",
                    ["x-overflow"] = "reject-publish",
                }, cancellationToken: Cancellation);
                await channel.BasicPublishAsync(
                    "", Fragile, mandatory: true,
                    new BasicProperties { MessageId = message.ToString(), Type = "test.explosive", Persistent = true }, "{}"u8.ToArray(),
                    Cancellation);
            }

            for (var deaths = 0; deaths <= BrokerTopology.DeliveryLimit; deaths++)
            {
                await using var worker = await connection.CreateChannelAsync(cancellationToken: Cancellation);
                await Eventually.SeesAsync(
                    Patience, async () => await worker.BasicGetAsync(Fragile, autoAck: false, Cancellation), got => got is not null,
                    "the message is handed out");
            }
        }

        var letter = await shop.LetterAsync(message);
        Assert.Equal((Fragile, "test.explosive"), (letter.Queue, letter.Type));
        Assert.Contains("may not survive", letter.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unreadable_message_dies_at_once_shows_no_secret_and_can_be_discarded()
    {
        var unknown = await shop.SendAsync("test.unknown", """{"paymentToken":"tok_visa"}""", BrokerTopology.PaymentsQueue);
        var broken = Guid.NewGuid();
        await using (var connection = await shop.ConnectAsync())
        await using (var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), Cancellation))
        {
            await channel.BasicPublishAsync(
                "", BrokerTopology.OrderingQueue, mandatory: true,
                new BasicProperties { MessageId = broken.ToString(), Type = "payments.payment-succeeded", Persistent = true },
                new byte[] { 0xFF, 0x00 }, Cancellation);
        }

        var letter = await shop.LetterAsync(unknown);
        Assert.Equal((1, "Nobody here handles events of type 'test.unknown'."), (letter.Attempts, letter.Reason));
        Assert.Equal("""{"paymentToken":"***"}""", letter.Payload);
        var unsendable = await shop.LetterAsync(broken);
        using var admin = shop.Admin();
        using var refused = await admin.PostAsync($"{Letters}/{unsendable.Id}/resend", null, Cancellation);
        await Shopper.ProblemAsync(refused, HttpStatusCode.Conflict);

        using var discarded = await admin.PostAsync($"{Letters}/{letter.Id}/discard", null, Cancellation);
        Assert.NotNull((await Shopper.ReadAsync(discarded, HttpStatusCode.OK, ShopJson.Default.DeadLetter)).DiscardedAt);
        var (exitCode, said) = await shop.RunWorkerAsync("dead-letters", "discard", unsendable.Id.ToString());
        Assert.True(exitCode == 0, said);
        Assert.DoesNotContain(letter.Id.ToString(), (await shop.RunWorkerAsync("dead-letters", "list")).Said, StringComparison.Ordinal);
        Assert.Contains(
            "it was discarded", (await shop.RunWorkerAsync("dead-letters", "show", letter.Id.ToString())).Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_who_has_the_key_sees_dead_letters()
    {
        using var stranger = shop.App.CreateHttpClient("apiservice", "http");
        foreach (var path in new[] { Letters, $"{Letters}/{Guid.NewGuid()}", "/api/v1/admin/outbox" })
        {
            using var refused = await stranger.GetAsync(path, Cancellation);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        using var admin = shop.Admin();
        using var missing = await admin.PostAsync($"{Letters}/{Guid.NewGuid()}/resend", null, Cancellation);
        await Shopper.ProblemAsync(missing, HttpStatusCode.NotFound);
        using var wrong = await admin.GetAsync($"{Letters}?cursor=nonsense&pageSize=101", Cancellation);
        await Shopper.ProblemAsync(wrong, HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData(0, "list [--queue QUEUE]", "--help")]
    [InlineData(2, "Not understood: bury", "bury")]
    [InlineData(1, "'seven' is no id", "resend", "seven")]
    [InlineData(1, "There is no dead letter", "discard", "2f1f6a4e-0000-4000-8000-000000000000")]
    public async Task The_command_says_what_it_does_and_what_is_wrong(int exitCode, string sentence, params string[] arguments)
    {
        var answer = await shop.RunWorkerAsync(["dead-letters", .. arguments]);

        Assert.Equal(exitCode, answer.ExitCode);
        Assert.Contains(sentence, answer.Said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", answer.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Consumers_and_relay_are_back_after_the_broker_was_killed()
    {
        var (order, email) = (Guid.NewGuid(), Email());
        await shop.CopyOrderAsync(await AnOrderAsync(), order, email);
        AppProcesses.Kill((await shop.App.InstancesAsync("messaging", Cancellation)).Single());
        await shop.SendAsync(Confirmed, Payload(order));

        await Eventually.SeesAsync(
            TimeSpan.FromSeconds(90), () => shop.MailsToAsync(email), mails => mails == 1, "the e-mail is sent when the broker is back");
        await shop.App.ResourceNotifications.WaitForResourceHealthyAsync("worker", Cancellation).WaitAsync(Patience, Cancellation);
    }

    /// <summary>The id of an order that the shop has taken.</summary>
    private async Task<Guid> AnOrderAsync()
    {
        using var http = shop.App.CreateHttpClient("apiservice", "http");
        var products = await MessagingShop.ReadAsync(http, "/api/v1/products?inStock=true&pageSize=100", ShopJson.Default.ProductPage);
        var shopper = new Shopper(http);
        return (await shopper.BuyAsync(
            Shopper.Order(products.Items.First(product => product is { VariantCount: 1, Available: > 10 }).Sku))).OrderId;
    }

    /// <summary>Waits until a message that was sent last is handled; what was sent before it has been delivered too.</summary>
    private async Task AnotherIsHandledAsync(Guid pattern)
    {
        var (order, email) = (Guid.NewGuid(), Email());
        await shop.CopyOrderAsync(pattern, order, email);
        await shop.SendAsync(Confirmed, Payload(order), BrokerTopology.NotificationsQueue);
        await Eventually.SeesAsync(Patience, () => shop.MailsToAsync(email), mails => mails == 1, "the next one is handled");
    }

    private static string Email() => $"buyer-{Guid.NewGuid():N}@example.com";

    private static string Payload(Guid orderId) => $$"""{"orderId":"{{orderId}}"}""";
}
