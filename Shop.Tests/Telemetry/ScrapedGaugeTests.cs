namespace Shop.Tests.Telemetry;

[Trait("Category", "Distributed")]
[Collection(RunningShopCollection.Name)]
public sealed class ScrapedGaugeTests(RunningShop running)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Prometheus_sees_what_waits()
    {
        using var worker = running.App.CreateHttpClient("worker", "management");
        string[] promised =
        [
            "shop_outbox_depth{", "shop_outbox_age_seconds{", "shop_dead_letters{", "shop_stock_oversold{",
            .. BrokerTopology.ConsumedQueues.Select(queue => $"queue=\"{queue}\""),
        ];

        await Eventually.SeesAsync(
            Patience, () => worker.GetStringAsync("/metrics", Cancellation), text => promised.All(text.Contains),
            "the worker has read all its gauges");
    }
}
