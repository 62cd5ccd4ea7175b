using Shop.Benchmarks.Chaos;
using Shop.Benchmarks.Topology;

namespace Shop.Tests.Distributed;

/// <summary>A few rounds of what <c>Shop.Benchmarks -- chaos</c> does for as long as one likes, in a shop of its own.</summary>
[Trait("Category", "Distributed")]
public sealed class ChaosRoundTests
{
    private static readonly string[] Faults = ["postgres", "worker", "rabbitmq"];
    private static readonly TimeSpan Load = TimeSpan.FromSeconds(4);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_is_killed_under_load_no_order_is_lost_or_doubled_and_everything_fits_afterwards()
    {
        var output = TestContext.Current.TestOutputHelper!;
        var seed = Random.Shared.Next();
        output.WriteLine($"The chaos is drawn from seed {seed}.");
        var random = new Random(seed);
        await using var shop = await ShopTopology.StartAsync(ChaosHarness.OptionsWith(), Cancellation);
        using var harness = new ChaosHarness(shop, output.WriteLine);
        await harness.PrepareAsync(Cancellation);

        foreach (var (index, kind) in Faults.Index())
        {
            var round = await harness.RunAsync(index + 1, Fault.Of(kind, random), Load, random, Cancellation);
            output.WriteLine(round.ToString());
            Assert.Empty(round.Broken);
            Assert.NotNull(round.Recovered);
            Assert.True(round.Accepted > 0, "No order was accepted: this was no load.");
        }
    }
}
