using Shop.Domain;

namespace Shop.Tests;

[Trait("Category", "Unit")]
public sealed class CurrencyTests
{
    [Theory]
    [InlineData("EUR")]
    [InlineData("eur")]
    [InlineData("eUr")]
    public void A_code_is_kept_in_capitals(string code)
    {
        Assert.Equal("EUR", new Currency(code).Code);
        Assert.Equal(Currency.Eur, new Currency(code));
    }

    [Theory]
    [InlineData("")]
    [InlineData("EU")]
    [InlineData("EURO")]
    [InlineData("E1R")]
    [InlineData("€UR")]
    [InlineData("ÄÖÜ")]
    [InlineData(null)]
    public void What_is_not_three_letters_is_refused_with_an_example(string? code)
    {
        var refused = Assert.Throws<ArgumentException>(() => new Currency(code!));

        Assert.Contains($"'{code}'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("EUR", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_amount_that_nobody_gave_a_currency_is_in_the_shops_own() => Assert.Equal("EUR", default(Money).Currency.Code);
}
