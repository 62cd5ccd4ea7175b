using Microsoft.Extensions.Options;
using Shop.Infrastructure.Ordering;

namespace Shop.Tests.Ordering;

[Trait("Category", "Unit")]
public sealed class OrderTokensTests
{
    private readonly OrderTokens _tokens = WithKey("0123456789abcdef0123456789abcdef");

    [Fact]
    public void A_token_opens_its_own_order_and_no_other()
    {
        var (mine, anothers) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var token = _tokens.Create(mine);

        Assert.True(_tokens.IsValid(mine, token));
        Assert.False(_tokens.IsValid(anothers, token));
        Assert.Equal(token, Uri.EscapeDataString(token));
    }

    [Fact]
    public void A_token_changed_anywhere_opens_nothing()
    {
        var id = Guid.CreateVersion7();
        var token = _tokens.Create(id);
        // The last character carries two bits that the decoding ignores or refuses; all others count in full.
        Prop.ForAll(Gen.Choose(0, token.Length - 2).ToArbitrary(), position =>
        {
            var tampered = token.ToCharArray();
            tampered[position] = tampered[position] == 'A' ? 'B' : 'A';
            return !_tokens.IsValid(id, new string(tampered));
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("A")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA!")]
    [InlineData("                                           ")]
    public void What_is_no_token_opens_nothing(string? token) => Assert.False(_tokens.IsValid(Guid.CreateVersion7(), token));

    [Fact]
    public void A_token_of_the_wrong_length_opens_nothing()
    {
        var id = Guid.CreateVersion7();
        var token = _tokens.Create(id);

        Assert.False(_tokens.IsValid(id, token[..^1]));
        Assert.False(_tokens.IsValid(id, token + "A"));
        Assert.False(_tokens.IsValid(id, token + "="));
        Assert.False(_tokens.IsValid(id, " " + token[1..]));
    }

    [Fact]
    public void Another_shops_token_opens_nothing()
    {
        var id = Guid.CreateVersion7();

        Assert.False(_tokens.IsValid(id, WithKey("another key of thirty-two letters").Create(id)));
    }

    [Fact]
    public void Every_replica_with_the_same_key_makes_the_same_token()
    {
        var id = Guid.CreateVersion7();

        Assert.Equal(_tokens.Create(id), WithKey("0123456789abcdef0123456789abcdef").Create(id));
    }

    private static OrderTokens WithKey(string key) => new(Options.Create(new OrderingOptions { OrderTokenKey = key }));
}
