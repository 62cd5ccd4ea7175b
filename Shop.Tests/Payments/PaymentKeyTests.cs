using Shop.Domain.Payments;

namespace Shop.Tests.Payments;

[Trait("Category", "Unit")]
public sealed class PaymentKeyTests
{
    private const string Order = "0198a4b2c3d4e5f60718293a4b5c6d7e";

    [Fact]
    public void A_key_survives_the_way_to_the_provider_and_back() =>
        Prop.ForAll(Gen.Choose(1, 1_000_000).ToArbitrary(), attempt =>
        {
            var key = new PaymentKey(Guid.NewGuid(), attempt);
            return PaymentKey.TryParse(key.ToString(), out var back) && back == key;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_first_payment_is_known_by_the_order_alone_and_the_next_ones_by_their_number()
    {
        Assert.Equal(Order, new PaymentKey(Guid.Parse(Order), 1).ToString());
        Assert.Equal($"{Order}-2", new PaymentKey(Guid.Parse(Order), 2).ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("sim_1")]
    [InlineData(Order + "-")]
    [InlineData(Order + "-0")]
    [InlineData(Order + "-1")]
    [InlineData(Order + "--2")]
    [InlineData(Order + "-2x")]
    [InlineData(Order + "_2")]
    [InlineData(Order + "-99999999999")]
    [InlineData("x198a4b2c3d4e5f60718293a4b5c6d7e-2")]
    public void What_is_no_key_of_ours_is_none(string? text) => Assert.False(PaymentKey.TryParse(text, out _));
}
