using Shop.Domain;
using Shop.Domain.Payments;
using Shop.Tests.Payments;

namespace Shop.Tests.Telemetry;

/// <summary>Every question to the payment provider is counted by what came of it.</summary>
[Trait("Category", "Servers")]
[Collection(OneAtATime.Name)]
public sealed class PaymentMeterTests(RunningServers servers) : IDisposable
{
    private static readonly Money Price = new(1999, Currency.Eur);

    private readonly RecordedMeters _meters = new();
    private readonly Guid _order = Guid.CreateVersion7();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _meters.Dispose();

    [Theory]
    [InlineData("tok_visa", "succeeded")]
    [InlineData("tok_declined", "declined")]
    [InlineData("tok_error_once", "failed", "succeeded")]
    [InlineData("tok_timeout", "unknown", "succeeded")]
    public async Task A_charge_is_counted_with_each_attempt_it_takes(string card, params string[] outcomes)
    {
        await using var office = await PaymentsOffice.OpenAsync(servers, ("Payments:Timeout", "00:00:01"));

        await office.PaymentProcessor.ChargeAsync(new(_order, 1), Price, card, new(Guid.NewGuid()), Cancellation);

        Assert.Equal(outcomes.Length, _meters.Sum("shop.payments.attempts", "shop.operation=charge"));
        foreach (var outcome in outcomes)
            Assert.Equal(1, _meters.Sum("shop.payments.attempts", "shop.operation=charge", $"shop.outcome={outcome}"));
        Assert.Equal(outcomes.Length, _meters.Values("shop.payments.duration", "shop.operation=charge").Count);
    }

    [Fact]
    public async Task A_refund_and_a_question_are_counted_as_such()
    {
        await using var office = await PaymentsOffice.OpenAsync(servers);
        var payment = await office.Store.BeginAsync(new(_order, 1), Price, Cancellation);
        Assert.Null(await office.Gateway.FindAsync(payment, Cancellation));
        await office.PaymentProcessor.ChargeAsync(new(_order, 1), Price, "tok_visa", new(Guid.NewGuid()), Cancellation);

        await office.PaymentProcessor.CancelAsync(new(_order, 1), "Off.", new(Guid.NewGuid()), Cancellation);

        Assert.Equal(1, _meters.Sum("shop.payments.attempts", "shop.operation=find", "shop.outcome=not_found"));
        Assert.Equal(1, _meters.Sum("shop.payments.attempts", "shop.operation=refund", "shop.outcome=succeeded"));
    }

    [Fact]
    public async Task A_provider_that_is_left_alone_is_counted_without_a_duration()
    {
        // The simulated provider fails the first attempt at each of these, and nothing is asked twice.
        await using var office = await PaymentsOffice.OpenAsync(
            servers, ("Payments:Attempts", "1"), ("Payments:BreakDuration", "00:01:00"));
        for (var number = 0; _meters.Sum("shop.payments.attempts", "shop.outcome=circuit_open") == 0; number++)
        {
            Assert.InRange(number, 0, 100);
            await Assert.ThrowsAsync<PaymentProviderException>(() =>
                office.PaymentProcessor.ChargeAsync(
                    new(Guid.CreateVersion7(), 1), Price, "tok_error_once", new(Guid.NewGuid()), Cancellation));
        }

        Assert.Equal(_meters.Sum("shop.payments.attempts", "shop.outcome=failed"), _meters.Values("shop.payments.duration").Count);
    }

    [Fact]
    public async Task A_message_that_comes_twice_is_counted_as_a_duplicate()
    {
        await using var office = await PaymentsOffice.OpenAsync(servers);
        await office.Store.BeginAsync(new(_order, 1), Price, Cancellation);
        var update = new PaymentUpdate(
            new(_order, 1), new ChargeResult(ChargeOutcome.Captured, "sim_1"), new PaymentSource(Guid.NewGuid()));

        for (var delivery = 0; delivery < 3; delivery++)
            await office.Store.SettleAsync(update, Cancellation);

        Assert.Equal(2, _meters.Sum("shop.inbox.duplicates", $"queue={BrokerTopology.PaymentsQueue}"));
    }
}
