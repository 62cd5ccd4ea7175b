using Shop.Domain;

namespace Shop.Tests;

[Trait("Category", "Unit")]
public sealed class MoneyTests
{
    private static readonly Currency Dollar = new("USD");

    /// <summary>Amounts a shop meets, small enough that no sum of a few of them overflows.</summary>
    private static readonly Arbitrary<Money> Amounts =
        Gen.Choose(-2_000_000_000, 2_000_000_000).Select(minor => Euros(minor * 1_000_003L)).ToArbitrary();

    /// <summary>All of 64 bits, its ends more often than chance would bring them.</summary>
    private static readonly Arbitrary<long> AllLongs = Gen.OneOf(
        Gen.Elements(long.MinValue, long.MinValue + 1, -1L, 0L, 1L, long.MaxValue - 1, long.MaxValue),
        Gen.Choose(int.MinValue, int.MaxValue).Two().Select(pair => ((long)pair.Item1 << 32) | (uint)pair.Item2)).ToArbitrary();

    [Fact]
    public void Adding_up_is_the_same_in_any_order() =>
        Prop.ForAll(Amounts, Amounts, (left, right) => left + right == right + left).QuickCheckThrowOnFailure();

    [Fact]
    public void Adding_up_is_the_same_however_it_is_grouped() =>
        Prop.ForAll(Amounts, Amounts, Amounts, (a, b, c) => a + b + c == a + (b + c)).QuickCheckThrowOnFailure();

    [Fact]
    public void What_was_added_can_be_taken_away_again_without_loss() =>
        Prop.ForAll(Amounts, Amounts, (a, b) => a + b - b == a).QuickCheckThrowOnFailure();

    [Fact]
    public void Nothing_added_changes_nothing() =>
        Prop.ForAll(Amounts, amount => amount + Money.Zero(Currency.Eur) == amount).QuickCheckThrowOnFailure();

    [Fact]
    public void A_sum_is_exact_or_refused_never_wrapped_around() =>
        Prop.ForAll(AllLongs, AllLongs, (left, right) => IsExactOrRefused((Int128)left + right, () => Euros(left) + Euros(right)))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void A_difference_is_exact_or_refused_never_wrapped_around() =>
        Prop.ForAll(AllLongs, AllLongs, (left, right) => IsExactOrRefused((Int128)left - right, () => Euros(left) - Euros(right)))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void A_product_is_exact_or_refused_never_wrapped_around() =>
        Prop.ForAll(AllLongs, Gen.Choose(-1000, 1000).ToArbitrary(), (price, quantity) =>
            IsExactOrRefused((Int128)price * quantity, () => Euros(price) * quantity)).QuickCheckThrowOnFailure();

    [Fact]
    public void So_many_pieces_cost_what_adding_each_of_them_costs() =>
        Prop.ForAll(Amounts, Gen.Choose(0, 99).ToArbitrary(), (price, quantity) =>
            price * quantity == Enumerable.Repeat(price, quantity).Aggregate(Money.Zero(Currency.Eur), (sum, one) => sum + one))
                .QuickCheckThrowOnFailure();

    [Fact]
    public void Different_currencies_are_refused_with_both_amounts_named()
    {
        var refused = Assert.Throws<InvalidOperationException>(() => Euros(100) + new Money(250, Dollar));

        Assert.Contains("1.00 EUR", refused.Message, StringComparison.Ordinal);
        Assert.Contains("2.50 USD", refused.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => Euros(100) - new Money(250, Dollar));
    }

    [Theory]
    [InlineData(0, "0.00 EUR")]
    [InlineData(5, "0.05 EUR")]
    [InlineData(1999, "19.99 EUR")]
    [InlineData(-1999, "-19.99 EUR")]
    [InlineData(long.MaxValue, "92233720368547758.07 EUR")]
    public void An_amount_reads_in_whole_units_and_cents(long minorUnits, string text) => Assert.Equal(text, Euros(minorUnits).ToString());

    private static Money Euros(long minorUnits) => new(minorUnits, Currency.Eur);

    private static bool IsExactOrRefused(Int128 exact, Func<Money> compute)
    {
        if (exact >= long.MinValue && exact <= long.MaxValue)
            return compute().MinorUnits == exact;
        Assert.Throws<OverflowException>(() => compute());
        return true;
    }
}
