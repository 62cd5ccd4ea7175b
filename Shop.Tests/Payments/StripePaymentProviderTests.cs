using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Shop.Domain;
using Shop.Domain.Payments;

namespace Shop.Tests.Payments;

/// <summary>The shop and Stripe understand each other, over HTTP, in good times and bad.</summary>
[Trait("Category", "Unit")]
public sealed class StripePaymentProviderTests : IAsyncLifetime
{
    private static readonly Money Price = new(1999, Currency.Eur);

    private readonly Guid _order = Guid.CreateVersion7();
    private StripeServer _server = null!;
    private StripePaymentProvider _stripe = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Key => _order.ToString("N");

    public async ValueTask InitializeAsync()
    {
        _server = await StripeServer.StartAsync();
        _stripe = Provider(_server.Address);
    }

    public async ValueTask DisposeAsync()
    {
        _stripe.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("pm_card_visa")]
    [InlineData("tok_visa")]
    public async Task A_good_card_is_charged(string card)
    {
        var result = await ChargeAsync(card);

        var intent = Assert.Single(_server.IntentsOf(_order));
        Assert.Equal(new ChargeResult(ChargeOutcome.Captured, (string)intent["id"]!), result);
        Assert.Equal(("succeeded", 1999L, "eur"), ((string?)intent["status"], (long)intent["amount"]!, (string?)intent["currency"]));
    }

    [Theory]
    [InlineData("pm_card_visa_chargeDeclined", "declined")]
    [InlineData("pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient funds")]
    [InlineData("pm_card_authenticationRequired", "use another card")]
    [InlineData("pm_nobody_knows", "not known")]
    public async Task A_refused_card_is_refused_with_a_sentence_for_the_customer(string card, string reason)
    {
        var result = await ChargeAsync(card);

        Assert.Equal(ChargeOutcome.Refused, result.Outcome);
        Assert.Contains(reason, result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_charge_asked_for_again_gets_the_first_answer_and_takes_the_money_once()
    {
        var first = await ChargeAsync("pm_card_visa");

        Assert.Equal(first, await ChargeAsync("pm_card_visa"));

        Assert.Single(_server.IntentsOf(_order));
    }

    [Fact]
    public async Task The_key_of_one_charge_can_not_be_used_for_another()
    {
        await ChargeAsync("pm_card_visa");

        var failure = await Assert.ThrowsAsync<PaymentProviderException>(
            () => _stripe.ChargeAsync(new ChargeRequest(Key, Price * 2, "pm_card_visa", Capture: true), Cancellation));

        Assert.False(failure.IsTransient);
        Assert.Contains("idempotency_error", failure.Message, StringComparison.Ordinal);
        Assert.Single(_server.IntentsOf(_order));
    }

    [Fact]
    public async Task Money_is_held_then_captured_once()
    {
        var held = await ChargeAsync("pm_card_visa", capture: false);
        Assert.Equal(ChargeOutcome.Authorized, held.Outcome);

        var captured = await _stripe.CaptureAsync("capture-1", held.Reference, Cancellation);

        Assert.Equal(new ChargeResult(ChargeOutcome.Captured, held.Reference), captured);
        // Also when Stripe has forgotten the first key.
        Assert.Equal(captured, await _stripe.CaptureAsync("capture-2", held.Reference, Cancellation));
    }

    [Fact]
    public async Task Money_that_is_only_held_is_let_go_and_can_not_be_captured_any_more()
    {
        var held = await ChargeAsync("pm_card_visa", capture: false);

        await _stripe.RefundAsync("refund-1", held.Reference, Cancellation);

        Assert.Equal("canceled", (string?)Assert.Single(_server.IntentsOf(_order))["status"]);
        Assert.Equal(ChargeOutcome.Returned, (await _stripe.CaptureAsync("capture-1", held.Reference, Cancellation)).Outcome);
        await _stripe.RefundAsync("refund-2", held.Reference, Cancellation);
    }

    [Fact]
    public async Task Money_goes_back_once_also_when_its_key_is_forgotten()
    {
        var paid = await ChargeAsync("pm_card_visa");

        await _stripe.RefundAsync("refund-1", paid.Reference, Cancellation);
        await _stripe.RefundAsync("refund-1", paid.Reference, Cancellation);
        await _stripe.RefundAsync("refund-2", paid.Reference, Cancellation);

        Assert.Single(_server.EventsOf(_order), told => told.Type == "charge.refunded");
    }

    [Fact]
    public async Task A_charge_is_found_by_its_order_and_by_its_reference()
    {
        Assert.Null(await _stripe.FindAsync(Key, null, Cancellation));
        var paid = await ChargeAsync("pm_card_visa");

        Assert.Equal(paid, await _stripe.FindAsync(Key, null, Cancellation));
        Assert.Equal(paid, await _stripe.FindAsync(Key, paid.Reference, Cancellation));
        _server.IsSearchBehind = true;
        Assert.Null(await _stripe.FindAsync(Key, null, Cancellation));
    }

    [Fact]
    public async Task A_bank_that_takes_its_time_leaves_the_charge_undecided_until_it_has_decided()
    {
        var undecided = await ChargeAsync("pm_card_slow_bank");
        Assert.Equal(ChargeOutcome.Undecided, undecided.Outcome);

        _server.Decide(_order);

        Assert.Equal(ChargeOutcome.Captured, (await _stripe.FindAsync(Key, undecided.Reference, Cancellation))!.Outcome);
    }

    [Theory]
    [InlineData(409, true)]
    [InlineData(429, true)]
    [InlineData(500, true)]
    [InlineData(503, true)]
    [InlineData(403, false)]
    public async Task A_failure_says_whether_it_passes_and_takes_no_money(int status, bool isTransient)
    {
        _server.FailOnce(status);

        var failure = await Assert.ThrowsAsync<PaymentProviderException>(() => ChargeAsync("pm_card_visa"));

        Assert.Equal(isTransient, failure.IsTransient);
        Assert.Contains(status.ToString(System.Globalization.CultureInfo.InvariantCulture), failure.Message, StringComparison.Ordinal);
        Assert.Empty(_server.IntentsOf(_order));
    }

    [Fact]
    public async Task A_wrong_key_is_said_to_be_wrong_and_not_to_pass()
    {
        using var stranger = Provider(_server.Address, "sk_test_of_somebody_else");

        var failure = await Assert.ThrowsAsync<PaymentProviderException>(
            () => stranger.ChargeAsync(new ChargeRequest(Key, Price, "pm_card_visa", Capture: true), Cancellation));

        Assert.Contains("Invalid API Key", failure.Message, StringComparison.Ordinal);
        Assert.False(failure.IsTransient);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_a_failure_that_passes()
    {
        using var nowhere = Provider(ServiceDefaults.LoopbackServer.DeadAddress());

        var failure = await Assert.ThrowsAsync<PaymentProviderException>(
            () => nowhere.ChargeAsync(new ChargeRequest(Key, Price, "pm_card_visa", Capture: true), Cancellation));

        Assert.True(failure.IsTransient);
    }

    [Theory]
    [InlineData(200, true)]
    [InlineData(502, true)]
    [InlineData(400, false)]
    public async Task An_answer_that_can_not_be_read_leaves_open_whether_the_money_was_taken(int status, bool isTransient)
    {
        await using var proxy = await ServiceDefaults.LoopbackServer.StartAsync((context, _) =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync("<html>Bad gateway", context.RequestAborted);
        });
        using var stripe = Provider(proxy.Address);

        var failure = await Assert.ThrowsAsync<PaymentProviderException>(
            () => stripe.ChargeAsync(new ChargeRequest(Key, Price, "pm_card_visa", Capture: true), Cancellation));

        Assert.Equal(isTransient, failure.IsTransient);
        Assert.DoesNotContain("<html>", failure.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, proxy.Requests);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_a_failure_that_passes()
    {
        await using var proxy = await ServiceDefaults.LoopbackServer.StartAsync(async (context, _) =>
        {
            context.Response.ContentLength = 1000;
            await context.Response.WriteAsync("""{"id":"pi_1",""", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            context.Abort();
        });
        using var stripe = Provider(proxy.Address);

        var failure = await Assert.ThrowsAsync<PaymentProviderException>(
            () => stripe.ChargeAsync(new ChargeRequest(Key, Price, "pm_card_visa", Capture: true), Cancellation));

        Assert.True(failure.IsTransient);
        Assert.Equal(1, proxy.Requests);
    }

    private static StripePaymentProvider Provider(string address, string secretKey = StripeServer.SecretKey) =>
        new(Options.Create(new PaymentOptions { Stripe = new StripeOptions { BaseUrl = address, SecretKey = secretKey } }));

    private Task<ChargeResult> ChargeAsync(string card, bool capture = true) =>
        _stripe.ChargeAsync(new ChargeRequest(Key, Price, card, capture), Cancellation);
}
