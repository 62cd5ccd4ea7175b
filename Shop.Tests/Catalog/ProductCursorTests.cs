using System.Buffers.Text;
using Shop.Infrastructure.Catalog;

namespace Shop.Tests.Catalog;

[Trait("Category", "Unit")]
public sealed class ProductCursorTests
{
    [Fact]
    public void A_cursor_comes_back_as_it_was_given_out() =>
        Prop.ForAll(Gen.Elements("abZ09 :.-+äß日'\"&=%/?#".ToCharArray()).ArrayOf().ToArbitrary(), characters =>
        {
            var cursor = new ProductCursor(new string(characters), Guid.NewGuid());
            return ProductCursor.TryParse(cursor.ToString(), ProductSort.Name, out var parsed) && parsed == cursor;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_cursor_needs_no_escaping_in_an_address() =>
        Prop.ForAll(Gen.Elements("abZ09 :.-+äß日'\"&=%/?#".ToCharArray()).ArrayOf().ToArbitrary(), characters =>
        {
            var text = new ProductCursor(new string(characters), Guid.NewGuid()).ToString();
            return Uri.EscapeDataString(text) == text;
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("x")]
    [InlineData("!!!")]
    [InlineData("../../etc/passwd")]
    [InlineData("MDAwMDAwMDA")]
    [InlineData("<script>alert(1)</script>")]
    public void Garbage_is_no_cursor(string text)
    {
        Assert.False(ProductCursor.TryParse(text, ProductSort.Name, out var cursor));
        Assert.Null(cursor);
    }

    [Fact]
    public void A_key_that_Postgres_could_not_store_is_no_cursor() =>
        Assert.False(
            ProductCursor.TryParse(Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{Guid.NewGuid():N}a\0b")), ProductSort.Name, out _));

    [Fact]
    public void An_id_that_is_none_is_no_cursor() =>
        Assert.False(ProductCursor.TryParse(
            Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{new string('z', 32)}1999")), ProductSort.PriceAscending, out _));

    [Theory]
    [InlineData(ProductSort.PriceAscending, "1999", "1999")]
    [InlineData(ProductSort.PriceDescending, "-1", "-1")]
    [InlineData(ProductSort.Rating, "4.5", "4.5")]
    [InlineData(ProductSort.Relevance, "0.06079271", "0.06079271")]
    [InlineData(ProductSort.Newest, "2026-11-29 10:00:00.123456+00", "2026-11-29 10:00:00.123456+00")]
    [InlineData(ProductSort.Newest, "2026-11-29 10:00:00.1+01", "2026-11-29 09:00:00.100000+00")]
    [InlineData(ProductSort.PriceAscending, "99999999999999999999", null)]
    [InlineData(ProductSort.PriceAscending, "Northbound mug", null)]
    [InlineData(ProductSort.Rating, "NaN", null)]
    [InlineData(ProductSort.Relevance, "1e400", null)]
    [InlineData(ProductSort.Relevance, "NaN", null)]
    [InlineData(ProductSort.Newest, "2026-02-30 10:00:00+00", null)]
    [InlineData(ProductSort.Newest, "infinity", null)]
    [InlineData(ProductSort.Newest, "294277-01-01 00:00:00+00", null)]
    public void A_key_comes_through_only_as_a_value_of_what_the_list_is_sorted_by(ProductSort sort, string key, string? expected)
    {
        var isOne = ProductCursor.TryParse(new ProductCursor(key, Guid.NewGuid()).ToString(), sort, out var cursor);

        Assert.Equal(expected is not null, isOne);
        Assert.Equal(expected, cursor?.Key);
    }
}
