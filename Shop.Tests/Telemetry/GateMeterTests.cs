using Shop.Tests.Promotions;

namespace Shop.Tests.Telemetry;

[Trait("Category", "Servers")]
[Collection(OneAtATime.Name)]
public sealed class GateMeterTests(RunningServers servers) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly RecordedMeters _meters = new();

    public void Dispose() => _meters.Dispose();

    [Fact]
    public async Task The_gate_counts_the_logs_it_was_given_and_the_orders_it_refused()
    {
        await using var bench = await GateBench.OpenAsync(servers);
        bench.Know();
        await Eventually.SeesAsync(Patience, async () =>
        {
            await bench.RebuildAsync();
            return _meters.Sum("shop.gate.rebuilds");
        }, rebuilds => rebuilds > 0, "the log is complete");
        await bench.PublishAsync(version: 1, left: 2);

        Assert.Empty(await bench.AskAsync(2));
        Assert.NotEmpty(await bench.AskAsync(3));

        Assert.Equal(1, _meters.Sum("shop.gate.rebuilds"));
        Assert.Equal(1, _meters.Sum("shop.gate.refused"));
    }
}
