using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Shop.Domain;
using Shop.Domain.Payments;

namespace Shop.Tests.Payments;

/// <summary>How the shop asks a payment provider that fails: again where that helps, and not at all while it is down.</summary>
[Trait("Category", "Unit")]
public sealed class PaymentGatewayTests : IAsyncLifetime
{
    private StripeServer _server = null!;
    private StripePaymentProvider? _stripe;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await StripeServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _stripe?.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_failure_that_passes_is_asked_about_again()
    {
        var gateway = Gateway();
        var payment = Payment();
        _server.FailOnce(503);
        _server.FailOnce(429);

        Assert.Equal(ChargeOutcome.Captured, (await gateway.ChargeAsync(payment, "pm_card_visa", Cancellation)).Outcome);

        Assert.Equal(3, _server.Requests);
    }

    [Fact]
    public async Task A_failure_that_does_not_pass_is_not_asked_about_again()
    {
        var gateway = Gateway();
        _server.FailOnce(403);

        await Assert.ThrowsAsync<PaymentProviderException>(() => gateway.ChargeAsync(Payment(), "pm_card_visa", Cancellation));

        Assert.Equal(1, _server.Requests);
    }

    [Fact]
    public async Task A_charge_whose_answer_got_lost_is_asked_about_again_and_made_once()
    {
        var gateway = Gateway(options => options.Timeout = TimeSpan.FromSeconds(1));
        var payment = Payment();
        _server.SwallowAnswerOnce();

        Assert.Equal(ChargeOutcome.Captured, (await gateway.ChargeAsync(payment, "pm_card_visa", Cancellation)).Outcome);

        Assert.Equal(2, _server.Requests);
        Assert.Single(_server.IntentsOf(payment.OrderId));
    }

    [Fact]
    public async Task A_key_that_the_provider_may_have_forgotten_is_not_used_again()
    {
        var gateway = Gateway();
        var payment = Payment(DateTimeOffset.UtcNow.AddHours(-24));

        Assert.Equal(ChargeResult.NeverMade, await gateway.ChargeAsync(payment, "pm_card_visa", Cancellation));

        Assert.Empty(_server.IntentsOf(payment.OrderId));
    }

    [Fact]
    public async Task An_outage_is_not_multiplied_by_asking_again()
    {
        // Good answers first, so that the circuit stays closed and the budget alone holds back.
        var gateway = Gateway(options => options.RetryPercent = 0);
        for (var good = 0; good < 60; good++)
            await gateway.ChargeAsync(Payment(), "pm_card_visa", Cancellation);
        _server.Outage = 503;

        await Task.WhenAll(Enumerable.Range(0, 15).Select(
            _ => Assert.ThrowsAsync<PaymentProviderException>(() => gateway.ChargeAsync(Payment(), "pm_card_visa", Cancellation))));

        // Fifteen questions, and the ten repeats that are free.
        Assert.Equal(60 + 15 + 10, _server.Requests);
    }

    [Fact]
    public async Task A_dead_provider_is_left_alone_and_asked_again_when_it_is_back()
    {
        var gateway = Gateway(options => (options.Attempts, options.BreakDuration) = (1, TimeSpan.FromSeconds(1)));
        _server.Outage = 503;
        for (var failure = 0; failure < 20; failure++)
            await Assert.ThrowsAsync<PaymentProviderException>(() => gateway.ChargeAsync(Payment(), "pm_card_visa", Cancellation));
        var asked = _server.Requests;

        var refused = await Assert.ThrowsAsync<PaymentProviderException>(
            () => gateway.ChargeAsync(Payment(), "pm_card_visa", Cancellation));

        Assert.Contains("left alone", refused.Message, StringComparison.Ordinal);
        Assert.False(refused.IsTransient);
        Assert.Equal(asked, _server.Requests);

        _server.Outage = null;
        await Eventually.SeesAsync(TimeSpan.FromSeconds(10), async () =>
        {
            try
            {
                return (await gateway.ChargeAsync(Payment(), "pm_card_visa", Cancellation)).Outcome;
            }
            catch (PaymentProviderException)
            {
                return ChargeOutcome.Undecided;
            }
        }, outcome => outcome is ChargeOutcome.Captured, "the provider is asked again");
    }

    private static Payment Payment(DateTimeOffset? startedAt = null) =>
        Domain.Payments.Payment.Start(new(Guid.CreateVersion7(), 1), new Money(1999, Currency.Eur), startedAt ?? DateTimeOffset.UtcNow);

    private PaymentGateway Gateway(Action<PaymentOptions>? configure = null)
    {
        var options = new PaymentOptions { Stripe = new StripeOptions { BaseUrl = _server.Address, SecretKey = StripeServer.SecretKey } };
        configure?.Invoke(options);
        _stripe = new StripePaymentProvider(Options.Create(options));
        return new PaymentGateway(_stripe, Options.Create(options), TimeProvider.System, NullLogger<PaymentGateway>.Instance);
    }
}
