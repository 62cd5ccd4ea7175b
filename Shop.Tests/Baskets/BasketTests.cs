using Shop.Domain.Baskets;

namespace Shop.Tests.Baskets;

[Trait("Category", "Unit")]
public sealed class BasketTests
{
    [Theory]
    [InlineData(1, true)]
    [InlineData(99, true)]
    [InlineData(0, false)]
    [InlineData(-1, false)]
    [InlineData(100, false)]
    [InlineData(1_000_000_000, false)]
    public void A_line_takes_1_to_99_pieces(int quantity, bool valid) => Assert.Equal(valid, Basket.IsValidQuantity(quantity));

    [Fact]
    public void SKUs_that_differ_in_case_are_different_things()
    {
        var basket = new Basket(Guid.NewGuid(), [KeyValuePair.Create("tent", 1), KeyValuePair.Create("TENT", 2)]);

        Assert.Equal(1, basket.Quantities["tent"]);
        Assert.Equal(2, basket.Quantities["TENT"]);
    }

    [Fact]
    public void A_basket_that_nobody_has_put_anything_in_is_empty()
    {
        Assert.True(new Basket(Guid.NewGuid(), []).IsEmpty);
        Assert.False(new Basket(Guid.NewGuid(), Lines(1)).IsEmpty);
    }

    private static IEnumerable<KeyValuePair<string, int>> Lines(int count) =>
        Enumerable.Range(0, count).Select(number => KeyValuePair.Create(string.Create(CultureInfo.InvariantCulture, $"SKU-{number}"), 1));
}
