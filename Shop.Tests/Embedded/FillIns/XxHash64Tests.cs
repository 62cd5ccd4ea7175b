using System.IO.Hashing;
using System.Text;

namespace Shop.Tests.Embedded.FillIns;

public sealed class XxHash64Tests
{
    // Published test values of XXH64 with seed 0; together they pass through every branch (0, 1 to 3, 4 and more, 8 and more, 32 and more bytes).
    [Theory]
    [InlineData("", "EF46DB3751D8E999")]
    [InlineData("a", "D24EC4F1A98C6E5B")]
    [InlineData("abc", "44BC2CF5AD770999")]
    [InlineData("Nobody inspects the spammish repetition", "FBCEA83C8A378BF1")]
    [InlineData("The quick brown fox jumps over the lazy dog", "0B242D361FDA71BC")]
    public void The_hash_is_the_published_one(string text, string expected) =>
        Assert.Equal(expected, Convert.ToHexString(XxHash64.Hash(Encoding.ASCII.GetBytes(text))));

    [Fact]
    public void A_digest_of_a_Redis_value_says_what_is_missing()
    {
        var error = Assert.Throws<NotSupportedException>(() => XxHash3.HashToUInt64([1, 2, 3]));

        Assert.Contains("System.IO.Hashing", error.Message, StringComparison.Ordinal);
    }
}
