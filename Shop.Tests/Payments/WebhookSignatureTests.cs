namespace Shop.Tests.Payments;

/// <summary>An event is believed only with the right signature over its very bytes, and only around the time it was signed.</summary>
[Trait("Category", "Unit")]
public sealed class WebhookSignatureTests
{
    private const string Secret = "whsec_test";

    // Computed with Python's hmac over "1492774577.{\"id\":\"evt_1\"}".
    private const string Right = "7656fc2882a7ca0a651666b36bf2f2f22ee204f54f608f227498a2419f2890b2";
    private const string Wrong = "0056fc2882a7ca0a651666b36bf2f2f22ee204f54f608f227498a2419f2890b2";

    private static readonly byte[] Body = Encoding.UTF8.GetBytes("""{"id":"evt_1"}""");
    private static readonly DateTimeOffset Signed = DateTimeOffset.FromUnixTimeSeconds(1492774577);
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    [Theory]
    [InlineData($"t=1492774577,v1={Right}")]
    [InlineData($"t=1492774577,v1={Wrong},v1={Right}")]
    [InlineData($"v0=abc,t=1492774577,v1={Right},v2=x")]
    [InlineData($"t=1492774577, v1={Right}")]
    public void A_right_signature_is_believed(string header) => Assert.Null(Fault(header, Signed));

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("t=1492774577")]
    [InlineData($"v1={Right}")]
    [InlineData($"t=yesterday,v1={Right}")]
    [InlineData($"t=-1492774577,v1={Right}")]
    [InlineData("t=1492774577,v1=7656")]
    [InlineData($"t=1492774577,v1={Wrong}")]
    [InlineData($"t=1492774578,v1={Right}")]
    [InlineData($"t=1492774577,v0={Right}")]
    [InlineData($"t=99999999999999999999,v1={Right}")]
    [InlineData($",,==,t,v1,t=,v1={Right}")]
    public void A_missing_or_forged_signature_is_not(string header) => Assert.NotNull(Fault(header, Signed));

    [Fact]
    public void Another_body_or_another_secret_is_not_believed()
    {
        var header = $"t=1492774577,v1={Right}";

        Assert.NotNull(WebhookSignature.FindFault(header, "{}"u8, Secret, Signed, Tolerance));
        Assert.NotNull(WebhookSignature.FindFault(header, Body, "whsec_other", Signed, Tolerance));
    }

    [Theory]
    [InlineData(-301, false)]
    [InlineData(-300, true)]
    [InlineData(300, true)]
    [InlineData(301, false)]
    public void An_event_from_another_time_may_be_a_replay_and_is_not_believed(int secondsLater, bool isBelieved) =>
        Assert.Equal(isBelieved, Fault($"t=1492774577,v1={Right}", Signed.AddSeconds(secondsLater)) is null);

    private static string? Fault(string header, DateTimeOffset now) => WebhookSignature.FindFault(header, Body, Secret, now, Tolerance);
}
