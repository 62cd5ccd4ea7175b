using Shop.Domain.Inventory;

namespace Shop.Tests.Inventory;

[Trait("Category", "Unit")]
public sealed class StockLevelTests
{
    private static readonly Arbitrary<StockLevel> Levels =
        Gen.Choose(0, 50).SelectMany(onHand => Gen.Choose(0, onHand), (onHand, reserved) => new StockLevel("TENT", onHand, reserved))
            .ToArbitrary();

    [Fact]
    public void What_may_be_reserved_never_makes_the_shop_promise_more_than_it_has() =>
        Prop.ForAll(Levels, Gen.Choose(-5, 60).ToArbitrary(), (level, quantity) =>
            level.CanReserve(quantity) == (quantity >= 1 && level.Reserved + quantity <= level.OnHand)).QuickCheckThrowOnFailure();

    [Fact]
    public void What_is_reserved_is_promised_and_what_may_not_be_is_refused() =>
        Prop.ForAll(Levels, Gen.Choose(-5, 60).ToArbitrary(), (level, quantity) => level.CanReserve(quantity)
            ? level.Reserve(quantity) == level with { Reserved = level.Reserved + quantity }
            : Assert.Throws<InvalidOperationException>(() => level.Reserve(quantity)).Message.Contains(level.Sku))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void What_is_promised_already_can_not_be_sold() => Assert.Equal(3, new StockLevel("TENT", OnHand: 10, Reserved: 7).Available);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    public void A_quantity_out_of_reason_is_never_reserved(int quantity) =>
        Assert.False(new StockLevel("TENT", 10, 0).CanReserve(quantity));
}
