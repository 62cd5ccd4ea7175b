using Shop.Worker.Audit;

namespace Shop.Tests.Audit;

/// <summary>That the audit finds each thing that can be wrong, and nothing where nothing is.</summary>
[Trait("Category", "Servers")]
public sealed class AuditTests(SeededShopFixture seeded) : IClassFixture<SeededShopFixture>, IAsyncLifetime
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(60);

    private const string AConfirmed = "(SELECT id FROM ordering.orders WHERE status = 'Confirmed' ORDER BY number LIMIT 1)";
    private const string ADelivered = "(SELECT id FROM ordering.orders WHERE status = 'Delivered' ORDER BY number LIMIT 1)";
    private const string ARefunded = "(SELECT id FROM ordering.orders WHERE status = 'Refunded' ORDER BY number LIMIT 1)";
    private const string AProcessing = "(SELECT id FROM ordering.orders WHERE status = 'Processing' ORDER BY number LIMIT 1)";
    private const string ARefused = "(SELECT id FROM ordering.orders WHERE payment_status = 'Refused' ORDER BY number LIMIT 1)";
    private const string AnUnpaid =
        "(SELECT id FROM ordering.orders WHERE status = 'Cancelled' AND payment_status = 'Pending' ORDER BY number LIMIT 1)";
    private const string Booking = "(SELECT sku FROM ordering.lines WHERE sku LIKE 'TENT%' AND order_id = ";

    private SeededShop? _copy;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private SeededShop Copy => _copy!;

    /// <summary>Each of the auditor's checks, with what it must find.</summary>
    public static TheoryData<string, string> Flaws => new()
    {
        { "stock.bounds", """
            ALTER TABLE inventory.stock DROP CONSTRAINT never_oversold;
            INSERT INTO inventory.movements (sku, quantity, cause, at) SELECT sku, -on_hand, 'correction', now() FROM inventory.stock
                WHERE sku = 'TENT-8';
            UPDATE inventory.stock SET on_hand = 0 WHERE sku = 'TENT-8'
            """ },
        { "stock.listed", """
            INSERT INTO catalog.brands VALUES ('glow', 'Glow');
            INSERT INTO catalog.categories VALUES ('light', 'Light', NULL, '/light.webp', 1);
            INSERT INTO catalog.products VALUES (gen_random_uuid(), 'lamp', 'Lamp', '', 'glow', 'light', '{}', '/lamp.webp', '[]', '[]',
                true, NULL,
                500, NULL, 'EUR', ARRAY['LAMP'], '', now(), now(), '', false)
            """ },
        { "stock.ledger", "INSERT INTO inventory.movements (sku, quantity, cause, at) VALUES ('TENT-8', 1, 'correction', now())" },
        { "stock.ledger", "UPDATE inventory.stock SET on_hand = on_hand - 1 WHERE sku = 'LAMP'" },
        { "stock.reserved", "UPDATE inventory.stock SET reserved = reserved + 1 WHERE sku = 'TENT-8'" },
        { "movements.once", $"""
            INSERT INTO inventory.movements (sku, quantity, cause, order_id, at)
            SELECT sku, quantity, cause, order_id, at FROM inventory.movements
                WHERE cause = 'sale' AND order_id = {AConfirmed} AND sku LIKE 'TENT%';
            UPDATE inventory.stock SET on_hand = (SELECT sum(quantity) FROM inventory.movements WHERE movements.sku = stock.sku)
                WHERE sku = {Booking}{AConfirmed})
            """ },
        { "movements.sale", $"""
            UPDATE inventory.movements SET quantity = quantity - 1 WHERE cause = 'sale' AND order_id = {AConfirmed} AND sku LIKE 'TENT%';
            UPDATE inventory.stock SET on_hand = on_hand - 1 WHERE sku = {Booking}{AConfirmed})
            """ },
        { "movements.return", $"""
            UPDATE inventory.movements SET quantity = quantity + 1 WHERE cause = 'return' AND order_id = {ARefunded};
            UPDATE inventory.stock SET on_hand = on_hand + 1 WHERE sku = {Booking}{ARefunded})
            """ },
        { "reservations.sale", $"""
            DELETE FROM inventory.movements WHERE cause = 'sale' AND order_id = {ADelivered};
            UPDATE inventory.stock SET on_hand = (SELECT sum(quantity) FROM inventory.movements WHERE movements.sku = stock.sku)
                WHERE sku = {Booking}{ADelivered})
            """ },
        { "reservations.return", $"""
            DELETE FROM inventory.movements WHERE cause = 'return' AND order_id = {ARefunded};
            UPDATE inventory.stock SET on_hand = (SELECT sum(quantity) FROM inventory.movements WHERE movements.sku = stock.sku)
                WHERE sku = {Booking}{ARefunded})
            """ },
        { "reservations.order", "INSERT INTO inventory.reservations VALUES (gen_random_uuid(), 'LAMP', 1, 'released', now(), now())" },
        { "reservations.line", $"INSERT INTO inventory.reservations VALUES ({ARefused}, 'LAMP', 1, 'released', now(), now())" },
        { "reservations.line", $"DELETE FROM inventory.reservations WHERE order_id = {ARefused}" },
        { "reservations.state", $"""
            UPDATE inventory.reservations SET state = 'returned' WHERE order_id = {ADelivered};
            INSERT INTO inventory.movements (sku, quantity, cause, order_id, at)
            SELECT sku, quantity, 'return', order_id, now() FROM inventory.reservations WHERE order_id = {ADelivered};
            UPDATE inventory.stock SET on_hand = (SELECT sum(quantity) FROM inventory.movements WHERE movements.sku = stock.sku)
                WHERE sku = {Booking}{ADelivered})
            """ },
        { "reservations.overdue",
        $"UPDATE inventory.reservations SET expires_at = now() - interval '2 minutes' WHERE order_id = {AProcessing}" },
        { "orders.lines",
        $"DELETE FROM ordering.lines WHERE order_id = {ARefused}; DELETE FROM inventory.reservations WHERE order_id = {ARefused}" },
        { "orders.history", $"DELETE FROM ordering.history WHERE order_id = {AConfirmed}" },
        { "orders.total", $"UPDATE ordering.orders SET total_minor = total_minor + 1 WHERE id = {AnUnpaid}" },
        { "orders.status", $"UPDATE ordering.orders SET status = 'Shipped' WHERE id = {AConfirmed}" },
        { "history.once",
        $"INSERT INTO ordering.history (order_id, status, at, cause) VALUES ({ADelivered}, 'Delivered', now() - interval '2 "
            + "minutes', 'Again.')" },
        { "history.step", $"DELETE FROM ordering.history WHERE order_id = {ADelivered} AND status = 'Confirmed'" },
        { "history.step", $"DELETE FROM ordering.history WHERE order_id = {AConfirmed} AND status = 'Processing'" },
        { "orders.key", $"DELETE FROM ordering.idempotency_keys WHERE order_id = {AConfirmed}" },
        { "orders.key", $"INSERT INTO ordering.idempotency_keys VALUES (gen_random_uuid(), '', {AConfirmed}, now())" },
        { "keys.order", "INSERT INTO ordering.idempotency_keys VALUES (gen_random_uuid(), '', gen_random_uuid(), now())" },
        { "payments.order",
        "UPDATE payments.payments SET order_id = gen_random_uuid() WHERE id = (SELECT id FROM payments.payments WHERE status = "
            + "'Void' LIMIT 1)" },
        { "payments.once", $"""
            ALTER TABLE payments.payments DROP CONSTRAINT payments_attempt;
            CREATE TEMP TABLE again AS SELECT * FROM payments.payments WHERE order_id = {AProcessing};
            UPDATE again SET id = gen_random_uuid();
            INSERT INTO payments.payments SELECT * FROM again
            """ },
        { "payments.attempt", $"""
            UPDATE payments.payments SET attempt = 2 WHERE order_id = {AProcessing};
            UPDATE ordering.orders SET payment_attempt = 2 WHERE id = {AProcessing}
            """ },
        { "payments.amount", $"UPDATE payments.payments SET amount_minor = amount_minor + 1 WHERE order_id = {ARefused}" },
        { "payments.amount", $"UPDATE payments.payments SET currency = 'USD' WHERE order_id = {ARefused}" },
        { "orders.payment", $"UPDATE payments.payments SET status = 'Refused' WHERE order_id = {AProcessing}" },
        { "orders.payment", $"""
            UPDATE payments.payments SET status = 'Cancelling', amount_minor = (SELECT total_minor FROM ordering.orders
                WHERE id = {AnUnpaid}) WHERE order_id = {AnUnpaid}
            """ },
        { "orders.payment", $"""
            UPDATE payments.payments SET status = 'Paid', provider_reference = 'sim_1' WHERE order_id = {AProcessing};
            INSERT INTO simulated_provider.charges (idempotency_key, amount_minor, currency, times_asked, times_charged, accepted,
                charged_at, captured_at)
            SELECT replace(order_id::text, '-', ''), amount_minor, currency, 1, 1, true, updated_at, updated_at FROM payments.payments
                WHERE order_id = {AProcessing}
            """ },
        { "orders.payment", $"""
            DELETE FROM simulated_provider.charges WHERE idempotency_key = replace({AConfirmed}::text, '-', '');
            UPDATE ordering.orders SET payment_status = 'Refunded' WHERE id = {AConfirmed};
            UPDATE payments.payments SET status = 'Refunded' WHERE order_id = {AConfirmed}
            """ },
        { "orders.payment-status", $"UPDATE ordering.orders SET payment_status = 'Pending' WHERE id = {AConfirmed}" },
        { "orders.payment-status", $"UPDATE ordering.orders SET payment_status = 'Paid' WHERE id = {ARefunded}" },
        { "refunds.once", """
            INSERT INTO payments.refunds SELECT gen_random_uuid(), payment_id, 'again', amount_minor, currency, reason, refunded_at
                FROM payments.refunds LIMIT 1
            """ },
        { "refunds.payment",
        "UPDATE payments.refunds SET amount_minor = amount_minor - 1 WHERE id = (SELECT id FROM payments.refunds LIMIT 1)" },
        { "provider-events.handled",
        "INSERT INTO payments.provider_events VALUES ('stripe', 'evt_1', 'charge.updated', '{}', now() - interval '2 minutes')" },
        { "orders.payment", $"UPDATE payments.payments SET status = 'Authorized' WHERE order_id = {AConfirmed}" },
        { "provider.once",
        $"UPDATE simulated_provider.charges SET times_charged = 2 WHERE idempotency_key = replace({AConfirmed}::text, '-', '')" },
        { "provider.once", $"""
            INSERT INTO simulated_provider.charges (idempotency_key, amount_minor, currency, times_asked, times_charged, accepted,
                charged_at, refunded_at)
            SELECT idempotency_key || '-2', amount_minor, currency, 1, 1, true, charged_at, charged_at FROM simulated_provider.charges
            WHERE idempotency_key = replace({AConfirmed}::text, '-', '')
            """ },
        { "provider.paid",
        $"UPDATE simulated_provider.charges SET amount_minor = amount_minor + 1 WHERE idempotency_key = "
            + $"replace({AConfirmed}::text, '-', '')" },
        { "provider.paid",
        $"UPDATE simulated_provider.charges SET refunded_at = now() - interval '2 minutes' WHERE idempotency_key = "
            + $"replace({AConfirmed}::text, '-', '')" },
        { "provider.paid", $"DELETE FROM simulated_provider.charges WHERE idempotency_key = replace({AConfirmed}::text, '-', '')" },
        { "provider.paid",
        $"UPDATE simulated_provider.charges SET captured_at = NULL WHERE idempotency_key = replace({AConfirmed}::text, '-', '')" },
        { "provider.kept",
        $"UPDATE simulated_provider.charges SET refunded_at = NULL WHERE idempotency_key = replace({ARefunded}::text, '-', '')" },
        { "provider.kept", """
            INSERT INTO simulated_provider.charges (idempotency_key, amount_minor, currency, times_asked, accepted, charged_at)
            VALUES (replace(gen_random_uuid()::text, '-', ''), 100, 'EUR', 1, true, now() - interval '2 minutes')
            """ },
        { "sales.bounds",
        "ALTER TABLE promotions.flash_sale_items DROP CONSTRAINT never_oversold; UPDATE promotions.flash_sale_items SET "
            + "quantity = taken - 1" },
        { "sales.taken", "UPDATE promotions.flash_sale_items SET taken = taken + 1" },
        { "sales.limit", "UPDATE promotions.flash_sale_purchases SET customer = 'ada@example.com'" },
        { "purchases.line", "UPDATE promotions.flash_sale_purchases SET quantity = quantity + 1 WHERE given_back_at IS NOT NULL" },
        { "purchases.given-back", """
            UPDATE promotions.flash_sale_purchases SET given_back_at = NULL;
            UPDATE promotions.flash_sale_items SET taken = (SELECT sum(quantity) FROM promotions.flash_sale_purchases)
            """ },
        { "purchases.given-back", """
            UPDATE promotions.flash_sale_purchases SET given_back_at = now();
            UPDATE promotions.flash_sale_items SET taken = 0
            """ },
        { "outbox.stuck",
        "INSERT INTO messaging.outbox (id, type, payload, occurred_at) VALUES (gen_random_uuid(), 'a', '{}', now() - interval "
            + "'2 minutes')" },
        { "outbox.parked",
        "INSERT INTO messaging.outbox (id, type, payload, occurred_at, parked_at) VALUES (gen_random_uuid(), 'a', '{}', now(), now())" },
        { "dead-letters.open", """
            INSERT INTO messaging.dead_letters (id, queue, type, payload, reason, attempts, died_at)
                VALUES (gen_random_uuid(), 'shop.payments', 'a', '', 'tired', 50, now())
            """ },
    };

    public async ValueTask InitializeAsync() => _copy = await seeded.Shop.CopyAsync();

    public async ValueTask DisposeAsync()
    {
        if (_copy is not null)
            await _copy.DropAsync();
    }

    [Theory]
    [MemberData(nameof(Flaws))]
    public async Task One_row_that_does_not_fit_is_found_and_nothing_else(string check, string flaw)
    {
        await Copy.RunAsync(flaw);

        var report = await AuditAsync(Grace);

        Assert.Equal([check], report.Checks.Where(audited => audited.Found > 0).Select(audited => audited.Name));
        var finding = report.Checks.Single(audited => audited.Name == check).Findings[0];
        Assert.NotEmpty(finding.Ids);
        Assert.NotEqual("", finding.Wrong);
        Assert.NotEqual("", finding.Should);
    }

    [Fact]
    public void Every_check_of_the_audit_is_shown_to_find_something() =>
        Assert.Equal(Auditor.Checks.Select(check => check.Name).Order(), Flaws.Select(flaw => flaw.Data.Item1).Distinct().Order());

    [Fact]
    public async Task Where_everything_fits_nothing_is_found_even_at_rest()
    {
        var report = await AuditAsync(TimeSpan.Zero);

        Assert.Equal(0, report.Found);
        Assert.Equal(48, report.Checks.Single(check => check.Name == "orders.total").LookedAt);
    }

    [Theory]
    [InlineData("a payment of which the order hasn't heard",
        $"UPDATE payments.payments SET status = 'Refused', updated_at = now() WHERE order_id = {AProcessing}", "orders.payment")]
    [InlineData("an event", "INSERT INTO messaging.outbox (id, type, payload, occurred_at) VALUES (gen_random_uuid(), 'a', '{}', now())",
        "outbox.stuck")]
    [InlineData("money on its way back", $"""
        UPDATE simulated_provider.charges SET refunded_at = NULL, charged_at = now()
            WHERE idempotency_key = replace({ARefunded}::text, '-', '')
        """, "provider.kept")]
    public async Task What_is_under_way_is_a_finding_only_at_rest(string what, string change, string check)
    {
        await Copy.RunAsync(change);

        Assert.Equal(0, (await AuditAsync(Grace)).Found);
        var atRest = await AuditAsync(TimeSpan.Zero);
        Assert.True(atRest.Checks.Single(audited => audited.Name == check).Found == 1, $"{what} is not found at rest");
    }

    [Fact]
    public async Task Of_very_many_findings_the_first_are_shown_and_all_are_counted()
    {
        await Copy.RunAsync("""
            INSERT INTO messaging.outbox (id, type, payload, occurred_at) SELECT gen_random_uuid(), 'a', '{}', now() - interval '2 minutes'
                FROM generate_series(1, 1000)
            """);

        var check = (await AuditAsync(Grace)).Checks.Single(audited => audited.Found > 0);

        Assert.Equal(1000, check.Found);
        Assert.Equal(100, check.Findings.Count);
    }

    [Fact]
    public async Task The_command_says_by_its_exit_code_whether_something_was_found()
    {
        var (code, output, _) = await CommandAsync("--grace", "0");
        Assert.Equal(0, code);
        Assert.StartsWith("Nothing found.", output, StringComparison.Ordinal);

        await Copy.RunAsync("UPDATE inventory.stock SET reserved = reserved + 1 WHERE sku = 'TENT-8'");
        (code, output, _) = await CommandAsync();
        Assert.Equal(1, code);
        Assert.StartsWith("stock.reserved: sku=TENT-8: ", output, StringComparison.Ordinal);

        (code, output, _) = await CommandAsync("--json");
        Assert.Equal(1, code);
        using var report = JsonDocument.Parse(output);
        Assert.Equal(1, report.RootElement.GetProperty("found").GetInt64());
        Assert.Equal(Auditor.Checks.Count, report.RootElement.GetProperty("checks").GetArrayLength());
    }

    [Theory]
    [InlineData("--grace")]
    [InlineData("--grace", "-1")]
    [InlineData("--grace", "soon")]
    [InlineData("--fix")]
    public async Task The_command_refuses_what_it_does_not_know(params string[] arguments)
    {
        var (code, output, error) = await CommandAsync(arguments);

        Assert.Equal(2, code);
        Assert.Equal("", output);
        Assert.Contains("--grace", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_explains_itself_and_says_when_there_is_no_database()
    {
        var (code, output, _) = await CommandAsync("--help");
        Assert.Equal(0, code);
        Assert.Contains("Exit code", output, StringComparison.Ordinal);

        var (failed, _, error) = await RunAsync("Host=127.0.0.1;Port=1;Database=none;Username=nobody", []);
        Assert.Equal(3, failed);
        Assert.StartsWith("The database couldn't be audited", error, StringComparison.Ordinal);
    }

    private async Task<AuditReport> AuditAsync(TimeSpan grace)
    {
        await using var connection = await Copy.OpenAsync();
        return await Auditor.RunAsync(connection, DateTimeOffset.UtcNow - grace, Cancellation);
    }

    private Task<(int Code, string Output, string Error)> CommandAsync(params string[] arguments) =>
        RunAsync(Copy.ConnectionString, arguments);

    private static async Task<(int Code, string Output, string Error)> RunAsync(string database, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Auditor).Assembly.Location, "audit", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["ConnectionStrings__shopdb"] = database },
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(Cancellation);
        var error = process.StandardError.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        return (process.ExitCode, await output, await error);
    }
}
