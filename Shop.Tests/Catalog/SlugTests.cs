using Shop.Domain.Catalog;

namespace Shop.Tests.Catalog;

[Trait("Category", "Unit")]
public sealed class SlugTests
{
    [Theory]
    [InlineData("Tents & Shelter", "tents-shelter")]
    [InlineData("  Trail   Tent 2P  ", "trail-tent-2p")]
    [InlineData("Crème brûlée", "creme-brulee")]
    [InlineData("O'Neill’s Own", "oneills-own")]
    [InlineData("--already--slugged--", "already-slugged")]
    [InlineData("100 % Wool!", "100-wool")]
    [InlineData("日本 Tea", "日本-tea")]
    [InlineData("!!!", "")]
    [InlineData("", "")]
    public void A_name_becomes_readable_in_an_address(string name, string slug) => Assert.Equal(slug, Slug.From(name));

    [Fact]
    public void A_slug_is_its_own_slug() =>
        Prop.ForAll(Names(), name => Slug.From(Slug.From(name)) == Slug.From(name)).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_name_becomes_letters_digits_and_single_dashes_between_them() =>
        Prop.ForAll(Names(), name =>
        {
            var slug = Slug.From(name);
            return slug.All(character => char.IsLetterOrDigit(character) || character == '-')
                && !slug.Contains("--", StringComparison.Ordinal) && slug.Trim('-') == slug;
        }).QuickCheckThrowOnFailure();

    private static Arbitrary<string> Names() =>
        Gen.Elements("aZ09 -_'’&/.éÄß日\t\n\"<".ToCharArray()).ArrayOf().Select(characters => new string(characters)).ToArbitrary();
}
