using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Shop.Domain.Payments;
using Shop.Tests.ServiceDefaults;

namespace Shop.Tests.Payments;

/// <summary>A wrong setting stops the start with a sentence that names it.</summary>
[Trait("Category", "Unit")]
public sealed class PaymentOptionsTests
{
    [Theory]
    [InlineData("Payments:Stripe:SecretKey", "Payments:Provider", "Stripe", "Payments:Stripe:WebhookSecret", "whsec_x")]
    [InlineData("Payments:Stripe:WebhookSecret", "Payments:Provider", "Stripe", "Payments:Stripe:SecretKey", "sk_x")]
    [InlineData("Payments:Stripe:BaseUrl", "Payments:Stripe:BaseUrl", "nowhere")]
    [InlineData("Payments:Simulated:Latency", "Payments:Simulated:Latency", "00:02:00")]
    [InlineData("Payments:Simulated:WebhookSecret", "Payments:Simulated:WebhookSecret", "short")]
    [InlineData("Payments:WebhookTolerance", "Payments:WebhookTolerance", "1.00:00:00")]
    [InlineData("Payments:RetryPercent", "Payments:RetryPercent", "101")]
    public async Task What_is_wrong_is_named(string key, params string[] settings)
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => ShopProcess.StartAsync(Pairs(settings), Build));

        Assert.Contains(key, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("simulated")]
    [InlineData("stripe", "Payments:Provider", "Stripe", "Payments:Stripe:SecretKey", "sk_x", "Payments:Stripe:WebhookSecret", "whsec_x")]
    public async Task The_provider_is_the_one_that_is_configured(string name, params string[] settings)
    {
        await using var process = await ShopProcess.StartAsync(Pairs(settings), Build);

        Assert.Equal(name, process.App.Services.GetRequiredService<IPaymentProvider>().Name);
    }

    private static void Build(WebApplicationBuilder builder)
    {
        // It connects when it is first asked, which nobody does here.
        builder.Services.AddKeyedSingleton(HotPath.Name, (_, _) => HotPath.Open("Host=localhost"));
        builder.AddPayments();
    }

    private static Dictionary<string, string?> Pairs(string[] settings) =>
        settings.Chunk(2).ToDictionary(pair => pair[0], string? (pair) => pair[1]);
}
