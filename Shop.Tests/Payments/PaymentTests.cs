using Shop.Domain;
using Shop.Domain.Payments;

namespace Shop.Tests.Payments;

/// <summary>
/// Messages about a payment come in any order and any number of times; the provider, asked again, always gives the
/// same answer. Whatever happens, the money must end where it belongs, and go back at most once.
/// </summary>
[Trait("Category", "Unit")]
public sealed class PaymentTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 8, 0, 0, TimeSpan.Zero);
    private static readonly Money Price = new(1999, Currency.Eur);

    private static readonly Arbitrary<Happening[]> Histories = Gen.Elements(Enum.GetValues<Happening>()).ArrayOf().ToArbitrary();

    public enum Happening
    {
        /// <summary>The provider has answered: it took the money, or refused.</summary>
        Answer,

        /// <summary>The order is off.</summary>
        Cancel,
    }

    [Fact]
    public void Money_that_was_taken_stays_with_the_shop_unless_the_order_is_cancelled_and_then_goes_back_once() =>
        Prop.ForAll(Histories, history =>
        {
            var (payment, taken, givenBack) = Live(Payment.Start(new(Guid.NewGuid(), 1), Price, Now), accepted: true, history);

            var answered = history.Contains(Happening.Answer);
            var cancelled = history.Contains(Happening.Cancel);
            Assert.Equal(answered, taken);
            Assert.Equal(answered && cancelled ? 1 : 0, givenBack);
            Assert.Equal(
                (answered, cancelled) switch
                {
                    (true, true) => PaymentStatus.Refunded,
                    (true, false) => PaymentStatus.Paid,
                    (false, true) => PaymentStatus.Cancelling,
                    _ => PaymentStatus.Pending,
                },
                payment.Status);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_refused_payment_gives_nothing_back_whenever_the_order_is_cancelled() =>
        Prop.ForAll(Histories, history =>
        {
            var (payment, taken, givenBack) = Live(Payment.Start(new(Guid.NewGuid(), 1), Price, Now), accepted: false, history);

            Assert.False(taken);
            Assert.Equal(0, givenBack);
            if (history.Contains(Happening.Answer))
            {
                Assert.Equal(PaymentStatus.Refused, payment.Status);
                Assert.Equal("The card was declined.", payment.Reason);
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_payment_that_was_cancelled_before_it_began_never_takes_money() =>
        Prop.ForAll(Histories, Gen.Elements(true, false).ToArbitrary(), (history, accepted) =>
        {
            var (payment, taken, givenBack) = Live(Payment.NeverStarted(new(Guid.NewGuid(), 1), Now), accepted, history);

            Assert.False(taken);
            Assert.Equal(0, givenBack);
            Assert.Equal(PaymentStatus.Void, payment.Status);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Money_that_arrives_after_the_cancel_must_go_back()
    {
        var payment = Payment.Start(new(Guid.NewGuid(), 1), Price, Now);

        Assert.False(payment.Cancel(Now));
        Assert.True(payment.Take("charge-1", Now));
        payment.Refund(Now);

        Assert.Equal(PaymentStatus.Refunded, payment.Status);
        Assert.Equal("charge-1", payment.ProviderReference);
        Assert.Throws<InvalidOperationException>(() => payment.Refund(Now));
    }

    [Fact]
    public void Money_that_is_held_is_taken_once()
    {
        var payment = Payment.Start(new(Guid.NewGuid(), 1), Price, Now);

        Assert.False(payment.Authorize("charge-1", Now));
        payment.Capture(Now);

        Assert.Equal((PaymentStatus.Paid, "charge-1"), (payment.Status, payment.ProviderReference));
        Assert.Throws<InvalidOperationException>(() => payment.Capture(Now));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Money_that_is_held_is_let_go_when_the_order_is_cancelled_before_or_after(bool cancelledBefore)
    {
        var payment = Payment.Start(new(Guid.NewGuid(), 1), Price, Now);

        var mustGoBack = cancelledBefore
            ? !payment.Cancel(Now) && payment.Authorize("charge-1", Now)
            : !payment.Authorize("charge-1", Now) && payment.Cancel(Now);

        Assert.True(mustGoBack);
        Assert.True(payment.MustGoBack);
        Assert.Throws<InvalidOperationException>(() => payment.Capture(Now));
        payment.Refund(Now);
        Assert.Equal(PaymentStatus.Refunded, payment.Status);
        Assert.False(payment.MustGoBack);
    }

    [Fact]
    public void Money_that_turns_up_after_the_payment_was_given_up_must_go_back()
    {
        var payment = Payment.Start(new(Guid.NewGuid(), 1), Price, Now);
        payment.Refuse("The payment was never made.", Now);

        payment.TakeUnwanted("charge-1", Now);

        Assert.True(payment.MustGoBack);
        payment.Refund(Now);
        Assert.Throws<InvalidOperationException>(() => payment.TakeUnwanted("charge-1", Now));
    }

    [Fact]
    public void Money_that_is_wanted_is_not_taken_for_unwanted()
    {
        var payment = Payment.Start(new(Guid.NewGuid(), 1), Price, Now);
        Assert.Throws<InvalidOperationException>(() => payment.TakeUnwanted("charge-1", Now));

        payment.Take("charge-1", Now);
        Assert.Throws<InvalidOperationException>(() => payment.TakeUnwanted("charge-1", Now));
        Assert.Throws<InvalidOperationException>(() => payment.Remember("charge-2", Now));
    }

    [Fact]
    public void A_charge_that_is_undecided_stays_pending_under_its_name()
    {
        var payment = Payment.Start(new(Guid.NewGuid(), 1), Price, Now);

        payment.Remember("charge-1", Now);

        Assert.Equal((PaymentStatus.Pending, "charge-1"), (payment.Status, payment.ProviderReference));
        Assert.False(payment.Take("charge-1", Now));
    }

    /// <summary>Does with the payment what the shop does with it when these messages arrive.</summary>
    private static (Payment Payment, bool Taken, int GivenBack) Live(Payment payment, bool accepted, Happening[] history)
    {
        var (taken, givenBack) = (false, 0);
        foreach (var happening in history)
        {
            var before = (payment.Status, payment.ProviderReference, payment.Reason);
            try
            {
                var goesBack = false;
                if (happening is Happening.Cancel)
                {
                    goesBack = payment.Cancel(Now);
                }
                else if (accepted)
                {
                    goesBack = payment.Take("charge-1", Now);
                    taken = true;
                }
                else
                {
                    payment.Refuse("The card was declined.", Now);
                }

                if (goesBack)
                {
                    payment.Refund(Now);
                    givenBack++;
                }
            }
            catch (InvalidOperationException)
            {
                // An answer that came twice, or to a question that was never to be asked: nothing may have changed.
                Assert.Equal(Happening.Answer, happening);
                Assert.Equal(before, (payment.Status, payment.ProviderReference, payment.Reason));
            }
        }

        return (payment, taken, givenBack);
    }
}
