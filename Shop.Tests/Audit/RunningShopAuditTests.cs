using Shop.Worker.Audit;

namespace Shop.Tests.Audit;

/// <summary>That what the running shop does leaves nothing for the audit to find.</summary>
[Trait("Category", "Distributed")]
[Collection(RunningShopCollection.Name)]
public sealed class RunningShopAuditTests(RunningShop shop) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Shopper _shopper = new(shop.Client());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _shopper.Dispose();

    [Fact]
    public async Task Orders_that_were_paid_refused_or_cancelled_fit_together()
    {
        var product = shop.UntouchedProduct();
        var paid = await _shopper.BuyAsync(Shopper.Order(product.Sku));
        var refused = await _shopper.BuyAsync(Shopper.Order(product.Sku, card: "tok_declined"));
        var cancelled = await _shopper.BuyAsync(Shopper.Order(product.Sku, card: "tok_slow"));
        using (var answer = await _shopper.AskForAsync(cancelled.OrderId, cancelled.OrderToken, "/cancel", HttpMethod.Post))
            Assert.True(answer.IsSuccessStatusCode, $"The cancel was answered {answer.StatusCode}.");
        Assert.Equal("confirmed", (await _shopper.SettledAsync(paid, Patience)).Status);
        await _shopper.RefusedAsync(refused, Patience);
        using (var again = await _shopper.PayAsync(refused))
            Assert.Equal(System.Net.HttpStatusCode.Accepted, again.StatusCode);
        Assert.Equal("confirmed", (await _shopper.SettledAsync(refused, Patience)).Status);
        var orders = new[] { paid.OrderId, refused.OrderId, cancelled.OrderId };
        string[] final = ["Void", "Refused", "Refunded", "Paid"];
        await Eventually.SeesAsync(
            Patience, () =>
                shop.AskAsync<long>(
                    "SELECT count(*) FROM payments.payments WHERE order_id = ANY ($1) AND status = ANY ($2)", orders, final),
            settled => settled == 4, "all four payments have come out");

        // Other tests leave dead letters and half-made orders in this shop: only what concerns these three counts.
        var findings = await Eventually.SeesAsync(
            Patience, () => FindAsync([.. orders.Select(id => id.ToString()), product.Sku]), found => found == "",
            "nothing is found at rest");
        Assert.Equal("", findings);
    }

    private async Task<string> FindAsync(string[] ids)
    {
        await using var connection = await shop.Database.OpenConnectionAsync(Cancellation);
        var report = await Auditor.RunAsync(connection, DateTimeOffset.UtcNow, Cancellation);
        Assert.All(report.Checks.Where(check => check.Subject is "orders" or "payments" or "reservations"),
            check => Assert.True(check.LookedAt >= 3));
        return string.Join('\n', report.Checks.SelectMany(check => check.Findings).Where(finding => finding.Ids.Values.Any(ids.Contains)));
    }
}
