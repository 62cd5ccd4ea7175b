using System.Text.Json.Nodes;
using Shop.Contracts.Events;
using Shop.Domain;
using Shop.Domain.Payments;

namespace Shop.Tests.Payments;

/// <summary>Whatever is said twice, too late or not at all: each order is charged once, and its money ends where it belongs.</summary>
[Trait("Category", "Servers")]
public sealed class PaymentProcessorTests(RunningServers servers)
{
    private const string EventSecret = "whsec_of_the_office";

    private static readonly Money Price = new(1999, Currency.Eur);

    private readonly Guid _order = Guid.CreateVersion7();

    private PaymentKey Key => new(_order, 1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_payment_is_made_and_told_once_however_often_its_message_comes()
    {
        await using var office = await PaymentsOffice.OpenAsync(servers);
        var source = new PaymentSource(Guid.CreateVersion7());

        for (var delivery = 0; delivery < 3; delivery++)
            await ChargeAsync(office, source: source);
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => ChargeAsync(office, source: source)));

        Assert.Equal(PaymentStatus.Paid, (await FindAsync(office)).Status);
        Assert.Equal(_order, Assert.Single(await office.ToldAsync<PaymentSucceeded>()).Event.OrderId);
        Assert.Equal((1, 1), await ChargesAsync(office));
        Assert.Equal(1L, await office.AskAsync<long>("SELECT count(*) FROM messaging.inbox WHERE message_id = $1", source.MessageId!));
    }

    [Fact]
    public async Task A_worker_that_died_between_charge_and_commit_is_taken_up_where_it_was()
    {
        await using var office = await PaymentsOffice.OpenAsync(servers);
        await office.Gateway.ChargeAsync(await office.Store.BeginAsync(Key, Price, Cancellation), "tok_visa", Cancellation);

        await ChargeAsync(office);

        Assert.Equal(PaymentStatus.Paid, (await FindAsync(office)).Status);
        Assert.Equal((2, 1), await ChargesAsync(office));
        Assert.Single(await office.ToldAsync<PaymentSucceeded>());
    }

    [Fact]
    public async Task A_worker_that_died_between_refund_and_commit_gives_back_once()
    {
        await using var office = await PaymentsOffice.OpenAsync(servers);
        await ChargeAsync(office);
        await office.Store.SettleAsync(new PaymentUpdate(Key, Answer: null, PaymentSource.Poll), Cancellation);
        await office.Gateway.RefundAsync(await FindAsync(office), Cancellation);

        await CancelAsync(office);
        await CancelAsync(office);

        Assert.Equal(PaymentStatus.Refunded, (await FindAsync(office)).Status);
        Assert.Equal("The customer wanted it.", await office.AskAsync<string>("SELECT reason FROM payments.refunds"));
        Assert.Single(await office.ToldAsync<PaymentRefunded>());
    }

    [Fact]
    public async Task An_order_that_is_cancelled_first_is_never_charged()
    {
        await using var office = await PaymentsOffice.OpenAsync(servers);
        await CancelAsync(office);

        await ChargeAsync(office);

        Assert.Equal(PaymentStatus.Void, (await FindAsync(office)).Status);
        Assert.Equal(0L, await office.AskAsync<long>("SELECT count(*) FROM simulated_provider.charges"));
        Assert.Empty(await office.ToldAsync<PaymentSucceeded>());
    }

    [Fact]
    public async Task An_order_that_is_cancelled_before_the_provider_meters_of_it_is_not_charged_when_its_message_comes_again()
    {
        await using var office = await PaymentsOffice.OpenAsync(servers);
        await office.Store.BeginAsync(Key, Price, Cancellation);
        await CancelAsync(office);

        await ChargeAsync(office);

        Assert.Equal(0L, await office.AskAsync<long>("SELECT count(*) FROM simulated_provider.charges"));
        Assert.Equal(ReconciledPayment.Settled, await office.Resolution.ResolveAsync(Key, Cancellation));
        Assert.Equal(PaymentStatus.Refused, (await FindAsync(office)).Status);
    }

    [Fact]
    public async Task An_older_answer_does_not_stop_money_from_going_back()
    {
        await using var office = await PaymentsOffice.OpenAsync(servers);
        var answer = await office.Gateway.ChargeAsync(await office.Store.BeginAsync(Key, Price, Cancellation), "tok_visa", Cancellation);
        await CancelAsync(office);
        await office.Store.SettleAsync(new PaymentUpdate(Key, answer, PaymentSource.Poll), Cancellation);

        await office.Store.SettleAsync(new PaymentUpdate(Key, ChargeResult.NeverMade, PaymentSource.Poll), Cancellation);
        Assert.True((await FindAsync(office)).MustGoBack);

        await office.Resolution.ResolveAsync(Key, Cancellation);
        Assert.Equal(PaymentStatus.Refunded, (await FindAsync(office)).Status);
        Assert.Single(await office.ToldAsync<PaymentRefunded>());
    }

    [Fact]
    public async Task Money_that_arrives_after_the_cancel_goes_back_and_is_told_as_given_back()
    {
        await using var office = await PaymentsOffice.OpenAsync(servers);
        await office.Gateway.ChargeAsync(await office.Store.BeginAsync(Key, Price, Cancellation), "tok_visa", Cancellation);
        await CancelAsync(office);
        Assert.Equal(PaymentStatus.Cancelling, (await FindAsync(office)).Status);

        await ChargeAsync(office);

        Assert.Equal(PaymentStatus.Refunded, (await FindAsync(office)).Status);
        Assert.Empty(await office.ToldAsync<PaymentSucceeded>());
        Assert.Single(await office.ToldAsync<PaymentRefunded>());
        Assert.Equal(
            0L, await office.AskAsync<long>("SELECT count(*) FROM simulated_provider.charges WHERE accepted AND refunded_at IS NULL"));
    }

    [Fact]
    public async Task A_provider_that_fails_before_it_charges_is_asked_again_and_charges_once()
    {
        await using var office = await PaymentsOffice.OpenAsync(servers);

        await ChargeAsync(office, "tok_error_once");

        Assert.Equal(PaymentStatus.Paid, (await FindAsync(office)).Status);
        Assert.Equal((2, 1), await ChargesAsync(office));
    }

    [Fact]
    public async Task An_unknown_outcome_is_resolved_by_asking()
    {
        await using var office = await PaymentsOffice.OpenAsync(servers);
        await office.Gateway.ChargeAsync(await office.Store.BeginAsync(Key, Price, Cancellation), "tok_visa", Cancellation);

        Assert.Equal(ReconciledPayment.Settled, await office.Resolution.ResolveAsync(Key, Cancellation));

        Assert.Equal(PaymentStatus.Paid, (await FindAsync(office)).Status);
        Assert.Single(await office.ToldAsync<PaymentSucceeded>());
        Assert.Equal(ReconciledPayment.Settled, await office.Resolution.ResolveAsync(Key, Cancellation));
        Assert.Equal((1, 1), await ChargesAsync(office));
    }

    [Fact]
    public async Task What_was_never_charged_is_said_to_be_so_and_closed_once_its_order_is_off()
    {
        await using var office = await PaymentsOffice.OpenAsync(servers);
        Assert.Equal(ReconciledPayment.NotCharged, await office.Resolution.ResolveAsync(Key, Cancellation));
        await office.Store.BeginAsync(Key, Price, Cancellation);

        Assert.Equal(ReconciledPayment.NotCharged, await office.Resolution.ResolveAsync(Key, Cancellation));
        Assert.Equal(PaymentStatus.Pending, (await FindAsync(office)).Status);
        await CancelAsync(office);
        Assert.Equal(ReconciledPayment.Settled, await office.Resolution.ResolveAsync(Key, Cancellation));

        Assert.Equal(PaymentStatus.Refused, (await FindAsync(office)).Status);
        // Nobody charges it any more.
        await ChargeAsync(office);
        Assert.Equal(0L, await office.AskAsync<long>("SELECT count(*) FROM simulated_provider.charges"));
    }

    [Fact]
    public async Task A_provider_that_tells_of_money_nobody_waited_for_any_more_gets_it_back()
    {
        await using var office = await PaymentsOffice.OpenAsync(servers, ("Payments:Simulated:WebhookSecret", EventSecret));
        var payment = await office.Store.BeginAsync(Key, Price, Cancellation);
        await CancelAsync(office);
        await office.Resolution.ResolveAsync(Key, Cancellation);
        var late = await office.Gateway.ChargeAsync(payment, "tok_visa", Cancellation);

        await ReceiveAsync(office, "payment.succeeded", late.Reference, orderId: _order);

        Assert.Equal(PaymentStatus.Refunded, (await FindAsync(office)).Status);
        Assert.Equal(
            0L, await office.AskAsync<long>("SELECT count(*) FROM simulated_provider.charges WHERE accepted AND refunded_at IS NULL"));
        Assert.Equal("settled", await office.AskAsync<string>("SELECT outcome FROM payments.provider_events"));
    }

    [Fact]
    public async Task An_event_settles_a_payment_as_the_answer_would_have_and_the_same_again_changes_nothing()
    {
        await using var office = await PaymentsOffice.OpenAsync(servers, ("Payments:Simulated:WebhookSecret", EventSecret));
        var lost = await office.Gateway.ChargeAsync(await office.Store.BeginAsync(Key, Price, Cancellation), "tok_visa", Cancellation);

        await ReceiveAsync(office, "payment.succeeded", lost.Reference, "evt_1", _order);
        await ReceiveAsync(office, "payment.succeeded", lost.Reference, "evt_1", _order);
        await ReceiveAsync(office, "payment.succeeded", lost.Reference, "evt_2", _order);
        // An old piece of news that was overtaken.
        await ReceiveAsync(office, "payment.failed", lost.Reference, "evt_3", _order);
        await ChargeAsync(office);

        Assert.Equal(PaymentStatus.Paid, (await FindAsync(office)).Status);
        Assert.Single(await office.ToldAsync<PaymentSucceeded>());
        Assert.Empty(await office.ToldAsync<PaymentRefused>());
        Assert.Equal(
            ["settled", "ignored: nothing new", "ignored: nothing new"],
            await office.AskAsync<string[]>("SELECT array_agg(outcome ORDER BY event_id) FROM payments.provider_events"));
    }

    [Fact]
    public async Task Money_given_back_at_the_provider_is_given_back_in_the_shop()
    {
        await using var office = await PaymentsOffice.OpenAsync(servers, ("Payments:Simulated:WebhookSecret", EventSecret));
        await ChargeAsync(office);

        // Told without the order's id, as what is done by hand at the provider may be: the reference says whose it is.
        await ReceiveAsync(office, "payment.refunded", (await FindAsync(office)).ProviderReference!, orderId: null);

        Assert.Equal(PaymentStatus.Refunded, (await FindAsync(office)).Status);
        Assert.Single(await office.ToldAsync<PaymentRefunded>());
    }

    [Fact]
    public async Task An_event_of_no_payment_and_one_of_no_use_are_kept_and_ignored()
    {
        await using var office = await PaymentsOffice.OpenAsync(servers, ("Payments:Simulated:WebhookSecret", EventSecret));

        await ReceiveAsync(office, "payment.succeeded", "sim_of_somebody_else", "evt_1", orderId: null);
        await ReceiveAsync(office, "payment.succeeded", "sim_of_somebody", "evt_2", orderId: Guid.NewGuid());
        await ReceiveAsync(office, "customer.created", "cus_1", "evt_3");

        Assert.Equal(
            ["ignored: There is no such payment.", "ignored: There is no such payment.", "ignored: not for this shop to act on"],
            await office.AskAsync<string[]>(
                "SELECT array_agg(outcome ORDER BY event_id) FROM payments.provider_events WHERE handled_at IS NOT NULL"));
        Assert.Equal(2, (await office.ToldAsync<ProviderEventReceived>()).Count);
    }

    [Fact]
    public async Task An_event_about_another_amount_confirms_nothing_and_stays_for_a_person()
    {
        await using var office = await PaymentsOffice.OpenAsync(servers, ("Payments:Simulated:WebhookSecret", EventSecret));
        await office.Store.BeginAsync(Key, Price, Cancellation);

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(
            () => ReceiveAsync(office, "payment.succeeded", "sim_1", orderId: _order, amount: Price.MinorUnits / 10));

        Assert.Contains("1.99", failure.Message, StringComparison.Ordinal);
        Assert.Equal(PaymentStatus.Pending, (await FindAsync(office)).Status);
        Assert.Equal(1L, await office.AskAsync<long>("SELECT count(*) FROM payments.provider_events WHERE handled_at IS NULL"));
    }

    [Fact]
    public async Task After_a_refusal_another_card_is_a_payment_of_its_own()
    {
        await using var office = await PaymentsOffice.OpenAsync(servers);
        await ChargeAsync(office, "tok_declined");
        var second = Key with { Attempt = 2 };

        for (var delivery = 0; delivery < 3; delivery++)
            await office.PaymentProcessor.ChargeAsync(second, Price, "tok_visa", new PaymentSource(Guid.CreateVersion7()), Cancellation);

        Assert.Equal(PaymentStatus.Refused, (await FindAsync(office)).Status);
        Assert.Equal(PaymentStatus.Paid, (await office.Store.FindLastAsync(_order, Cancellation))!.Status);
        Assert.Equal(1, Assert.Single(await office.ToldAsync<PaymentRefused>()).Event.Attempt);
        Assert.Single(await office.ToldAsync<PaymentSucceeded>());
        Assert.Equal(
            [$"{_order:N}", $"{_order:N}-2"],
            await office.AskAsync<string[]>("SELECT array_agg(idempotency_key ORDER BY idempotency_key) FROM simulated_provider.charges"));
        Assert.Equal(1L, await office.AskAsync<long>("SELECT sum(times_charged) FROM simulated_provider.charges"));
    }

    [Fact]
    public async Task A_second_payment_of_an_order_that_was_cancelled_before_it_began_never_does()
    {
        await using var office = await PaymentsOffice.OpenAsync(servers);
        await ChargeAsync(office, "tok_declined");
        var second = Key with { Attempt = 2 };

        await office.PaymentProcessor.CancelAsync(
            second, "The customer wanted it.", new PaymentSource(Guid.CreateVersion7()), Cancellation);
        await office.PaymentProcessor.ChargeAsync(second, Price, "tok_visa", new PaymentSource(Guid.CreateVersion7()), Cancellation);

        Assert.Equal(PaymentStatus.Void, (await office.Store.FindLastAsync(_order, Cancellation))!.Status);
        Assert.Equal(0L, await office.AskAsync<long>("SELECT sum(times_charged) FROM simulated_provider.charges"));
    }

    [Fact]
    public async Task A_card_that_was_refused_and_pays_after_all_beside_another_gets_its_money_back()
    {
        await using var office = await PaymentsOffice.OpenAsync(servers, ("Payments:Simulated:WebhookSecret", EventSecret));
        var late = await office.Gateway.ChargeAsync(await office.Store.BeginAsync(Key, Price, Cancellation), "tok_visa", Cancellation);
        await office.Store.SettleAsync(new PaymentUpdate(Key, ChargeResult.NeverMade, PaymentSource.Poll), Cancellation);
        var second = Key with { Attempt = 2 };
        await office.PaymentProcessor.ChargeAsync(second, Price, "tok_visa", new PaymentSource(Guid.CreateVersion7()), Cancellation);

        await office.PaymentProcessor.SettleAsync(new PaymentUpdate(Key, late, PaymentSource.Poll), Cancellation);

        Assert.Equal(PaymentStatus.Refunded, (await FindAsync(office)).Status);
        Assert.Equal(PaymentStatus.Paid, (await office.Store.FindAsync(second, Cancellation))!.Status);
        Assert.Equal(1, Assert.Single(await office.ToldAsync<PaymentRefunded>()).Event.Attempt);
        Assert.Equal(
            1L, await office.AskAsync<long>("SELECT count(*) FROM simulated_provider.charges WHERE accepted AND refunded_at IS NULL"));
    }

    [Theory]
    [InlineData("0198c0de000000000000000000000001", 1)]
    [InlineData("0198c0de-0000-0000-0000-000000000001", 1)]
    [InlineData("0198c0de000000000000000000000001-2", 2)]
    [InlineData("0198c0de000000000000000000000001-10", 10)]
    [InlineData("0198c0de000000000000000000000001-1", null)]
    [InlineData("0198c0de000000000000000000000001-", null)]
    [InlineData("0198c0de000000000000000000000001--2", null)]
    [InlineData("0198c0de", null)]
    [InlineData(null, null)]
    public void A_payments_key_is_read_as_it_is_written(string? text, int? attempt)
    {
        Assert.Equal(attempt is not null, PaymentKey.TryParse(text, out var key));
        Assert.Equal(attempt ?? 0, key.Attempt);
        if (attempt is not null)
            Assert.Equal(text!.Length == 36 ? text.Replace("-", "", StringComparison.Ordinal) : text, key.ToString());
    }

    [Fact]
    public async Task With_Stripe_money_is_held_until_the_order_is_confirmed()
    {
        await using var stripe = await StripeServer.StartAsync();
        await using var office = await PaymentsOffice.OpenAsync(servers, [("Payments:Capture", "OnConfirmation"), .. Stripe(stripe)]);

        await ChargeAsync(office, "pm_card_visa");
        Assert.Equal(PaymentStatus.Authorized, (await FindAsync(office)).Status);
        Assert.Single(await office.ToldAsync<PaymentSucceeded>());

        await office.PaymentProcessor.CaptureAsync(_order, new PaymentSource(Guid.CreateVersion7()), Cancellation);
        await office.PaymentProcessor.CaptureAsync(_order, new PaymentSource(Guid.CreateVersion7()), Cancellation);

        Assert.Equal(PaymentStatus.Paid, (await FindAsync(office)).Status);
        Assert.Equal("succeeded", (string?)Assert.Single(stripe.IntentsOf(_order))["status"]);
        Assert.Single(await office.ToldAsync<PaymentSucceeded>());
    }

    [Fact]
    public async Task With_Stripe_money_that_is_held_for_a_cancelled_order_is_let_go()
    {
        await using var stripe = await StripeServer.StartAsync();
        await using var office = await PaymentsOffice.OpenAsync(servers, [("Payments:Capture", "OnConfirmation"), .. Stripe(stripe)]);
        await ChargeAsync(office, "pm_card_visa");

        await CancelAsync(office);

        Assert.Equal(PaymentStatus.Refunded, (await FindAsync(office)).Status);
        Assert.Equal("canceled", (string?)Assert.Single(stripe.IntentsOf(_order))["status"]);
        Assert.Single(await office.ToldAsync<PaymentRefunded>());
    }

    [Fact]
    public async Task With_Stripe_everything_it_tells_in_the_life_of_a_payment_fits_what_the_shop_knows()
    {
        await using var stripe = await StripeServer.StartAsync();
        await using var office = await PaymentsOffice.OpenAsync(servers, Stripe(stripe));
        await ChargeAsync(office, "pm_card_slow_bank");
        Assert.Equal(PaymentStatus.Pending, (await FindAsync(office)).Status);
        Assert.Equal(ReconciledPayment.Undecided, await office.Resolution.ResolveAsync(Key, Cancellation));

        stripe.Decide(_order);
        await ReceiveAllAsync();
        Assert.Equal(PaymentStatus.Paid, (await FindAsync(office)).Status);

        await CancelAsync(office);
        await ReceiveAllAsync();

        Assert.Equal(PaymentStatus.Refunded, (await FindAsync(office)).Status);
        Assert.Single(await office.ToldAsync<PaymentSucceeded>());
        Assert.Single(await office.ToldAsync<PaymentRefunded>());
        Assert.Equal(2L, await office.AskAsync<long>("SELECT count(*) FROM payments.provider_events WHERE handled_at IS NOT NULL"));

        async Task ReceiveAllAsync()
        {
            foreach (var (_, body, signature) in stripe.EventsOf(_order))
                await office.ReceiveAsync("stripe", body, signature);
        }
    }

    [Fact]
    public async Task With_Stripe_a_charge_whose_answers_are_all_lost_is_found_and_settled()
    {
        await using var stripe = await StripeServer.StartAsync();
        await using var office = await PaymentsOffice.OpenAsync(
            servers, [("Payments:Attempts", "1"), ("Payments:Timeout", "00:00:01"), .. Stripe(stripe)]);
        stripe.SwallowAnswerOnce();
        await Assert.ThrowsAsync<PaymentProviderException>(() => ChargeAsync(office, "pm_card_visa"));
        Assert.Equal(PaymentStatus.Pending, (await FindAsync(office)).Status);

        Assert.Equal(ReconciledPayment.Settled, await office.Resolution.ResolveAsync(Key, Cancellation));

        Assert.Equal(PaymentStatus.Paid, (await FindAsync(office)).Status);
        Assert.Single(stripe.IntentsOf(_order));
    }

    [Fact]
    public async Task Payments_that_are_written_together_keep_each_its_own_trace()
    {
        await using var office = await PaymentsOffice.OpenAsync(servers);

        var traces = await Task.WhenAll(Enumerable.Range(0, 300).Select(async number =>
        {
            using var activity = new Activity($"order {number}").Start();
            var orderId = Guid.CreateVersion7();
            await office.PaymentProcessor.ChargeAsync(
                new(orderId, 1), Price, number % 3 == 0 ? "tok_declined" : "tok_visa", new PaymentSource(Guid.CreateVersion7()),
                Cancellation);
            return $"{orderId} {activity.Id}";
        }));

        Assert.Equal(
            traces.Order(StringComparer.Ordinal),
            (await office.AskAsync<string[]>("SELECT array_agg(payload::json ->> 'orderId' || ' ' || trace_parent) FROM messaging.outbox"))
                .Order(StringComparer.Ordinal));
        Assert.Equal(
            200L, await office.AskAsync<long>("SELECT count(*) FROM simulated_provider.charges WHERE times_charged = 1 AND accepted"));
        Assert.Equal(
            100L,
            await office.AskAsync<long>(
                "SELECT count(*) FROM payments.payments WHERE status = 'Refused' AND reason = 'The card was declined.'"));
    }

    private static (string Key, string Value)[] Stripe(StripeServer server) =>
    [
        ("Payments:Provider", "Stripe"),
        ("Payments:Stripe:BaseUrl", server.Address),
        ("Payments:Stripe:SecretKey", StripeServer.SecretKey),
        ("Payments:Stripe:WebhookSecret", StripeServer.WebhookSecret),
    ];

    private static Task ReceiveAsync(
        PaymentsOffice office, string type, string reference, string id = "evt_1", Guid? orderId = null, long? amount = null)
    {
        var about = new JsonObject
        {
            ["id"] = reference,
            ["metadata"] = orderId is null ? null : new JsonObject { ["order_id"] = orderId.ToString() }
        };
        if (amount is not null)
            (about["amount"], about["currency"]) = (amount, "eur");
        var body = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["id"] = id,
            ["type"] = type,
            ["data"] = new JsonObject { ["object"] = about },
        }.ToJsonString());
        return office.ReceiveAsync("simulated", body, StripeServer.Sign(body, EventSecret, DateTimeOffset.UtcNow));
    }

    private Task ChargeAsync(PaymentsOffice office, string card = "tok_visa", PaymentSource? source = null) =>
        office.PaymentProcessor.ChargeAsync(Key, Price, card, source ?? new PaymentSource(Guid.CreateVersion7()), Cancellation);

    private Task CancelAsync(PaymentsOffice office) =>
        office.PaymentProcessor.CancelAsync(Key, "The customer wanted it.", new PaymentSource(Guid.CreateVersion7()), Cancellation);

    private async Task<Payment> FindAsync(PaymentsOffice office) => (await office.Store.FindAsync(Key, Cancellation))!;

    private async Task<(int Asked, int Charged)> ChargesAsync(PaymentsOffice office)
    {
        var key = _order.ToString("N");
        return (
            await office.AskAsync<int>("SELECT times_asked FROM simulated_provider.charges WHERE idempotency_key = $1", key),
            await office.AskAsync<int>(
                "SELECT times_charged FROM simulated_provider.charges WHERE idempotency_key = $1 AND accepted AND refunded_at IS NULL",
                key));
    }
}
