namespace Shop.Tests.Messaging;

[Trait("Category", "Unit")]
public sealed class RedactedPayloadTests
{
    [Theory]
    [InlineData("""{"paymentToken":"tok_visa"}""", """{"paymentToken":"***"}""")]
    [InlineData("""{"a":{"PAYMENTTOKEN":{"deep":["tok_visa"]},"b":1.10}}""", """{"a":{"PAYMENTTOKEN":"***","b":1.10}}""")]
    [InlineData("""[ "paymentToken", null, true, 1e3 ]""", """["paymentToken",null,true,1e3]""")]
    [InlineData("tok_visa", "(8 bytes that are no JSON)")]
    [InlineData("""{"paymentToken":"tok_vi""", "(23 bytes that are no JSON)")]
    [InlineData("", "(0 bytes that are no JSON)")]
    public void A_payload_is_shown_without_its_secrets(string payload, string shown) =>
        Assert.Equal(shown, RedactedPayload.Of(Encoding.UTF8.GetBytes(payload)));
}
