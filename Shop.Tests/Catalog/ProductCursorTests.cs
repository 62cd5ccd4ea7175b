using System.Buffers.Text;
using Shop.Infrastructure.Catalog;

namespace Shop.Tests.Catalog;

public sealed class ProductCursorTests
{
    [Fact]
    public void A_cursor_comes_back_as_it_was_given_out() =>
        Prop.ForAll(Gen.Elements("abZ09 :.-+äß日'\"&=%/?#".ToCharArray()).ArrayOf().ToArbitrary(), characters =>
        {
            var cursor = new ProductCursor(new string(characters), Guid.NewGuid());
            return ProductCursor.TryParse(cursor.ToString(), out var parsed) && parsed == cursor;
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
        Assert.False(ProductCursor.TryParse(text, out var cursor));
        Assert.Null(cursor);
    }

    [Fact]
    public void A_key_that_Postgres_could_not_store_is_no_cursor() =>
        Assert.False(ProductCursor.TryParse(Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{Guid.NewGuid():N}a\0b")), out _));

    [Fact]
    public void An_id_that_is_none_is_no_cursor() =>
        Assert.False(ProductCursor.TryParse(Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{new string('z', 32)}1999")), out _));
}
