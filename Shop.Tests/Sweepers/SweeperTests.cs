using Shop.Tests.Audit;
using Shop.Worker.Audit;
using Shop.Worker.Sweepers;

namespace Shop.Tests.Sweepers;

/// <summary>That what got stuck is finished, each way it can get stuck, so that the audit has nothing to say afterwards.</summary>
[Trait("Category", "Servers")]
public sealed class SweeperTests(SeededShopFixture seeded) : IClassFixture<SeededShopFixture>, IAsyncLifetime
{
    private const string AProcessing = "(SELECT id FROM ordering.orders WHERE status = 'Processing' ORDER BY number LIMIT 1)";
    private const string AConfirmed = "(SELECT id FROM ordering.orders WHERE status = 'Confirmed' ORDER BY number LIMIT 1)";
    private const string AGivenBack =
        "(SELECT id FROM ordering.orders WHERE status = 'Cancelled' AND cancel_reason = 'Off.' AND payment_status = 'Refunded' "
            + "ORDER BY number LIMIT 1)";
    private const string AReturned = "(SELECT id FROM ordering.orders WHERE status = 'Refunded' ORDER BY number LIMIT 1)";
    private const string AnUnpaid =
        "(SELECT id FROM ordering.orders WHERE status = 'Cancelled' AND payment_status = 'Pending' ORDER BY number LIMIT 1)";

    private SeededShop? _copy;
    private SweptShop? _shop;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private SeededShop Database => _copy!;

    private SweptShop Shop => _shop!;

    public async ValueTask InitializeAsync()
    {
        _copy = await seeded.Shop.CopyAsync();
        _shop = SweptShop.Build(_copy, change: null, ("Sweepers:BatchSize", "2"));
    }

    public async ValueTask DisposeAsync()
    {
        if (_shop is not null)
            await _shop.DisposeAsync();
        if (_copy is not null)
            await _copy.DropAsync();
    }

    [Fact]
    public async Task Where_everything_fits_the_sweepers_change_nothing()
    {
        foreach (var sweeper in new[]
        {
            ExpiredReservations.SweeperName, UnsettledOrders.SweeperName, HeldPayments.SweeperName, RefundSweeper.SweeperName,
            UnhandledProviderEvents.SweeperName, OldRecords.SweeperName,
        })
        {
            Assert.Equal(0, await Shop.SweepAsync(sweeper));
        }

        await NothingIsFoundAsync();
    }

    [Fact]
    public async Task Orders_that_are_not_paid_in_time_are_cancelled_and_others_can_have_their_stock()
    {
        var reserved = await AskAsync<long>("SELECT sum(reserved) FROM inventory.stock");
        Assert.True(reserved > 0);
        await Database.RunAsync("UPDATE inventory.reservations SET expires_at = now() - interval '1 second' WHERE state = 'held'");

        // Six of them, two at a time.
        Assert.Equal(6, await Shop.SweepAsync(ExpiredReservations.SweeperName));

        Assert.Equal(0L, await AskAsync<long>("SELECT sum(reserved) FROM inventory.stock"));
        Assert.Equal(
            6L,
            await AskAsync<long>(
                "SELECT count(*) FROM ordering.orders WHERE status = 'Cancelled' AND cancel_reason = 'The payment took too long.'"));
        Assert.Equal(6L, await EventsAsync("ordering.order-cancelled"));
        Assert.Equal(0, await Shop.SweepAsync(ExpiredReservations.SweeperName));
        await NothingIsFoundAsync();
    }

    [Fact]
    public async Task An_order_that_was_paid_is_confirmed_even_when_its_time_is_up()
    {
        await PayAsync(AProcessing);
        await Database.RunAsync(
            $"UPDATE inventory.reservations SET expires_at = now() - interval '1 second' WHERE order_id = {AProcessing}");

        Assert.Equal(1, await Shop.SweepAsync(ExpiredReservations.SweeperName));

        Assert.Equal(7L, await AskAsync<long>("SELECT count(*) FROM ordering.orders WHERE status = 'Confirmed'"));
        Assert.Equal(0L, await EventsAsync("ordering.order-cancelled"));
        await NothingIsFoundAsync();
    }

    [Fact]
    public async Task A_lost_confirmation_is_made_up_for_also_behind_many_orders_that_wait_rightly()
    {
        await PayAsync("(SELECT id FROM ordering.orders WHERE status = 'Processing' ORDER BY number DESC LIMIT 1)");
        await Database.RunAsync(
            "UPDATE payments.payments SET status = 'Refused', reason = 'The card was declined.' WHERE order_id = " + AProcessing);
        var refused = await AskAsync<Guid>("SELECT order_id FROM payments.payments WHERE reason = 'The card was declined.'");

        Assert.Equal(2, await Shop.SweepAsync(UnsettledOrders.SweeperName));

        Assert.Equal(7L, await AskAsync<long>("SELECT count(*) FROM ordering.orders WHERE status = 'Confirmed'"));
        Assert.Equal(1L, await EventsAsync("ordering.order-confirmed"));
        Assert.Equal("The card was declined.", await AskAsync<string>(
            "SELECT payment_reason FROM ordering.orders WHERE status = 'Processing' AND payment_status = 'Refused' AND id = $1", refused));
        Assert.Equal(5L, await AskAsync<long>("SELECT count(*) FROM ordering.orders WHERE status = 'Processing'"));
        Assert.Equal(0, await Shop.SweepAsync(UnsettledOrders.SweeperName));
        await NothingIsFoundAsync();
    }

    [Fact]
    public async Task An_order_whose_card_was_refused_waits_for_another_one_until_its_time_is_over()
    {
        await Database.RunAsync(
            "UPDATE payments.payments SET status = 'Refused', reason = 'The card was declined.' WHERE order_id = " + AProcessing);
        Assert.Equal(1, await Shop.SweepAsync(UnsettledOrders.SweeperName));
        var refused = await AskAsync<Guid>("SELECT id FROM ordering.orders WHERE payment_status = 'Refused' AND status = 'Processing'");
        Assert.True(await AskAsync<bool>(
            "SELECT bool_and(expires_at = pay_until) FROM inventory.reservations JOIN ordering.orders ON id = order_id WHERE id = $1",
            refused));
        Assert.Equal(0, await Shop.SweepAsync(ExpiredReservations.SweeperName));
        await Database.RunAsync("UPDATE inventory.reservations SET expires_at = now() WHERE order_id = (SELECT id FROM ordering.orders "
            + "WHERE payment_status = 'Refused' AND status = 'Processing')");

        Assert.Equal(1, await Shop.SweepAsync(ExpiredReservations.SweeperName));

        Assert.Equal("The card was declined.", await AskAsync<string>("SELECT cancel_reason FROM ordering.orders WHERE id = $1", refused));
        Assert.Equal("released", await AskAsync<string>("SELECT DISTINCT state FROM inventory.reservations WHERE order_id = $1", refused));
        await NothingIsFoundAsync();
    }

    [Fact]
    public async Task A_payment_whose_answer_got_lost_is_asked_about_and_settled()
    {
        await ChargeAsync(AProcessing);

        Assert.Equal(1, await Shop.SweepAsync(UnsettledPayments.SweeperName));

        Assert.Equal("Paid", await AskAsync<string>($"SELECT status FROM payments.payments WHERE order_id = {AProcessing}"));
        Assert.Equal(1L, await EventsAsync("payments.payment-succeeded"));
        Assert.Equal(1, await Shop.SweepAsync(UnsettledOrders.SweeperName));
        await NothingIsFoundAsync();
    }

    [Fact]
    public async Task A_payment_that_was_cancelled_while_the_provider_took_the_money_is_given_back()
    {
        await ChargeAsync(AnUnpaid);
        await Database.RunAsync($"""
            UPDATE payments.payments SET status = 'Cancelling', amount_minor = (SELECT total_minor FROM ordering.orders
                WHERE id = {AnUnpaid}) WHERE order_id = {AnUnpaid}
            """);

        Assert.Equal(1, await Shop.SweepAsync(UnsettledPayments.SweeperName));

        Assert.Equal("Refunded", await AskAsync<string>($"SELECT status FROM payments.payments WHERE order_id = {AnUnpaid}"));
        Assert.Equal(
            0L,
            await AskAsync<long>($"SELECT count(*) FROM simulated_provider.charges WHERE refunded_at IS NULL AND "
                + $"idempotency_key = replace({AnUnpaid}::text, '-', '')"));
        await NothingIsFoundAsync();
    }

    [Theory]
    [InlineData(AGivenBack, "a cancelled order's")]
    [InlineData(AReturned, "a returned order's")]
    public async Task Money_that_was_not_given_back_is(string order, string whose)
    {
        var id = await AskAsync<Guid>($"SELECT {order}");
        await Database.RunAsync($"""
            DELETE FROM payments.refunds WHERE payment_id = (SELECT id FROM payments.payments WHERE order_id = '{id}');
            UPDATE payments.payments SET status = 'Paid' WHERE order_id = '{id}';
            UPDATE simulated_provider.charges SET refunded_at = NULL, refund_key = NULL WHERE idempotency_key = replace('{id}', '-', '');
            UPDATE ordering.orders SET payment_status = CASE status WHEN 'Refunded' THEN 'Paid' ELSE 'Pending' END WHERE id = '{id}'
            """);

        Assert.Equal(1, await Shop.SweepAsync(RefundSweeper.SweeperName));

        Assert.True(await AskAsync<string>("SELECT status FROM payments.payments WHERE order_id = $1", id) == "Refunded", whose);
        Assert.Equal(
            1L,
            await AskAsync<long>($"SELECT count(*) FROM simulated_provider.charges WHERE refunded_at IS NOT NULL AND "
                + $"idempotency_key = replace('{id}', '-', '')"));
        Assert.Equal(1L, await EventsAsync("payments.payment-refunded"));
        await NothingIsFoundAsync();

        // The event that tells the order gets lost as well.
        await Database.RunAsync("DELETE FROM messaging.outbox");
        Assert.Equal(1, await Shop.SweepAsync(RefundSweeper.SweeperName));
        Assert.Equal("Refunded", await AskAsync<string>("SELECT payment_status FROM ordering.orders WHERE id = $1", id));
        Assert.Equal(0, await Shop.SweepAsync(RefundSweeper.SweeperName));
    }

    [Fact]
    public async Task An_order_hears_of_a_refund_that_the_provider_made_by_itself()
    {
        var id = await AskAsync<Guid>($"SELECT {AConfirmed}");
        await Database.RunAsync($"""
            UPDATE payments.payments SET status = 'Refunded' WHERE order_id = '{id}';
            INSERT INTO payments.refunds (id, payment_id, key, amount_minor, currency, reason, refunded_at)
            SELECT gen_random_uuid(), id, 'refund', amount_minor, currency, 'Disputed.', updated_at FROM payments.payments
                WHERE order_id = '{id}';
            UPDATE simulated_provider.charges SET refunded_at = charged_at WHERE idempotency_key = replace('{id}', '-', '')
            """);

        Assert.Equal(1, await Shop.SweepAsync(RefundSweeper.SweeperName));

        Assert.Equal("Refunded", await AskAsync<string>("SELECT status FROM ordering.orders WHERE id = $1", id));
        await NothingIsFoundAsync();
    }

    [Fact]
    public async Task Money_that_is_held_for_a_confirmed_order_is_taken()
    {
        await Database.RunAsync($"""
            UPDATE payments.payments SET status = 'Authorized' WHERE order_id = {AConfirmed};
            UPDATE simulated_provider.charges SET captured_at = NULL WHERE idempotency_key = replace({AConfirmed}::text, '-', '')
            """);

        Assert.Equal(1, await Shop.SweepAsync(HeldPayments.SweeperName));

        Assert.Equal("Paid", await AskAsync<string>($"SELECT status FROM payments.payments WHERE order_id = {AConfirmed}"));
        await NothingIsFoundAsync();
    }

    [Fact]
    public async Task What_the_provider_told_is_handled_though_the_message_of_it_got_lost()
    {
        await ChargeAsync(AProcessing);
        var id = await AskAsync<Guid>($"SELECT {AProcessing}");
        await Database.RunAsync($"""
            INSERT INTO payments.provider_events (provider, event_id, type, payload, received_at)
            SELECT 'simulated', 'evt_1', 'payment.succeeded',
                jsonb_build_object('id', 'evt_1', 'type', 'payment.succeeded', 'data', jsonb_build_object(
                'object', jsonb_build_object('id', 'sim_{id:N}', 'metadata', jsonb_build_object('order_id', '{id}')))),
                now() - interval '1 hour'
            """);

        Assert.Equal(1, await Shop.SweepAsync(UnhandledProviderEvents.SweeperName));

        Assert.Equal("Paid", await AskAsync<string>("SELECT status FROM payments.payments WHERE order_id = $1", id));
        Assert.Equal(1L, await AskAsync<long>("SELECT count(*) FROM payments.provider_events WHERE handled_at IS NOT NULL"));
        Assert.Equal(0, await Shop.SweepAsync(UnhandledProviderEvents.SweeperName));
    }

    [Fact]
    public async Task Old_records_are_cleared_away_and_young_ones_and_open_ones_stay()
    {
        await Database.RunAsync("""
            INSERT INTO messaging.inbox (consumer, message_id, handled_at)
                SELECT 'shop.payments', gen_random_uuid(), now() - n * interval '10 days' FROM generate_series(0, 9) AS n;
            UPDATE ordering.idempotency_keys SET created_at = now() - interval '31 days'
                WHERE key IN (SELECT key FROM ordering.idempotency_keys LIMIT 5);
            INSERT INTO payments.provider_events (provider, event_id, type, payload, received_at, handled_at)
            VALUES ('stripe', 'old', 'a', '{}', now() - interval '31 days', now()),
                ('stripe', 'open', 'a', '{}', now() - interval '31 days', NULL), ('stripe', 'new', 'a', '{}', now(), now())
            """);

        Assert.Equal(7 + 5 + 1, await Shop.SweepAsync(OldRecords.SweeperName));

        Assert.Equal(3L, await AskAsync<long>("SELECT count(*) FROM messaging.inbox"));
        Assert.Equal(43L, await AskAsync<long>("SELECT count(*) FROM ordering.idempotency_keys"));
        Assert.Equal(
            "new,open", await AskAsync<string>("SELECT string_agg(event_id, ',' ORDER BY event_id) FROM payments.provider_events"));
    }

    [Fact]
    public async Task What_moved_a_moment_ago_is_left_alone()
    {
        await PayAsync(AProcessing);
        await Database.RunAsync("""
            UPDATE ordering.orders SET placed_at = now();
            UPDATE payments.payments SET updated_at = now();
            INSERT INTO payments.provider_events (provider, event_id, type, payload, received_at)
                VALUES ('simulated', 'evt_1', 'payment.succeeded', '{}', now())
            """);

        Assert.Equal(0, await Shop.SweepAsync(UnsettledOrders.SweeperName));
        Assert.Equal(0, await Shop.SweepAsync(UnsettledPayments.SweeperName));
        Assert.Equal(0, await Shop.SweepAsync(UnhandledProviderEvents.SweeperName));
    }

    /// <summary>The provider has taken the money for an order.</summary>
    private Task ChargeAsync(string order) => Database.RunAsync($"""
        INSERT INTO simulated_provider.charges (idempotency_key, amount_minor, currency, times_asked, times_charged, accepted, reason,
            charged_at, captured_at)
        SELECT replace(id::text, '-', ''), total_minor, currency, 1, 1, true, '', placed_at, placed_at FROM ordering.orders
            WHERE id = {order}
        """);

    /// <summary>The provider has taken the money, and Payments knows it; the order doesn't.</summary>
    private async Task PayAsync(string order)
    {
        await ChargeAsync(order);
        await Database.RunAsync($"UPDATE payments.payments SET status = 'Paid', provider_reference = 'sim_' || replace(order_id::text, "
            + $"'-', '') WHERE order_id = {order}");
    }

    private Task<long> EventsAsync(string type) => AskAsync<long>("SELECT count(*) FROM messaging.outbox WHERE type = $1", type);

    private async Task NothingIsFoundAsync()
    {
        await using var connection = await Database.OpenAsync();
        var report = await Auditor.RunAsync(connection, DateTimeOffset.UtcNow.AddMinutes(-1), Cancellation);
        Assert.Empty(report.Checks.SelectMany(check => check.Findings).Select(finding => finding.ToString()));
    }

    private async Task<T> AskAsync<T>(string sql, params object[] values)
    {
        await using var connection = await Database.OpenAsync();
        await using var command = connection.Sql(sql);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        return (T)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}
