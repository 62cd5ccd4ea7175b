using Shop.Domain.Catalog;

namespace Shop.Tests.Catalog;

[Trait("Category", "Unit")]
public sealed class SkuTests
{
    private const string Allowed = "ABCxyz0189._/-";

    [Theory]
    [InlineData("TENT-TRAIL-2P")]
    [InlineData("7")]
    [InlineData("a.b_c/d-e")]
    [InlineData("ÄRMEL-42")]
    public void A_usual_SKU_is_taken(string sku) => Assert.True(Sku.IsValid(sku));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("TENT 2P")]
    [InlineData("-TENT")]
    [InlineData(".")]
    [InlineData("TENT\n")]
    [InlineData("TENT\0")]
    [InlineData("<script>")]
    [InlineData("'; DROP TABLE")]
    public void What_could_be_misread_is_no_SKU(string? sku) => Assert.False(Sku.IsValid(sku));

    [Fact]
    public void Up_to_64_characters_make_a_SKU_and_not_one_more() =>
        Prop.ForAll(Gen.Elements(Allowed.ToCharArray()).ArrayOf().Resize(90).ToArbitrary(), rest =>
            Sku.IsValid("A" + new string(rest)) == (rest.Length < Sku.MaxLength)).QuickCheckThrowOnFailure();
}
