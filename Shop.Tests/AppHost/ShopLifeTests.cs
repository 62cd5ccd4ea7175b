using System.Runtime.Versioning;
using Shop.Contracts;
using Shop.Tests.LocalServers;

namespace Shop.Tests.AppHost;

/// <summary>
/// The life of the whole shop as its user sees it: it comes up, is killed, comes up again with everything in it, and ends.
/// </summary>
[Trait("Category", "Distributed")]
[SupportedOSPlatform("linux")]
public sealed class ShopLifeTests : IDisposable
{
    /// <summary>What is promised in the README; the orchestrator itself takes some 13 s to see that its AppHost was killed.</summary>
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan KilledLimit = TimeSpan.FromSeconds(20);

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("shop-tests-life-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _data.Delete(recursive: true);

    [Fact]
    public async Task A_shop_that_was_killed_has_its_orders_again_and_ends_in_peace_when_it_is_asked_to()
    {
        var ports = AppHostProcess.FreePorts();
        using var shopper = new Shopper(new HttpClient { BaseAddress = new Uri($"http://localhost:{ports[0].Split('=')[1]}") });
        await using var killed = AppHostProcess.Start(_data.FullName, ports);
        var said = await killed.IsUpAsync();
        Assert.Contains("All is up after", said, StringComparison.Ordinal);
        var sku = (await shopper.GetAsync("/api/v1/products?pageSize=50", ShopJson.Default.ProductPage)).Items
            .First(product => product is { VariantCount: 1, Available: > 1 }).Sku;
        var order = await shopper.BuyAsync(Shopper.Order(sku));
        Assert.Equal("confirmed", (await shopper.SettledAsync(order)).Status);

        // While it runs, its ports and its data are its own.
        var (exitCode, _, errors) = await RunAnotherAsync(ports);
        Assert.Equal(1, exitCode);
        Assert.Matches("(?m)^Port [0-9]+ for webfrontend is taken. Stop what uses it .* with --Ports:webfrontend=[0-9]+.$", errors);
        Assert.Matches("(?m)^Port [0-9]+ for apiservice is taken.", errors);
        Assert.Matches("(?m)^Port [0-9]+ for dashboard is taken.", errors);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
        (exitCode, var output, errors) = await RunAnotherAsync(AppHostProcess.FreePorts());
        Assert.Equal(1, exitCode);
        Assert.Contains($"Another AppHost is using the data in {_data.FullName}.", output + errors, StringComparison.Ordinal);

        killed.Kill();
        await killed.EndAsync(EndLimit);
        await killed.IsGoneAsync(KilledLimit);

        await using var again = AppHostProcess.Start(_data.FullName, ports);
        said = await again.IsUpAsync();
        Assert.Contains("All is up after", said, StringComparison.Ordinal);
        Assert.Equal("confirmed", (await shopper.FindAsync(order)).Status);
        using (var dashboard = new HttpClient { BaseAddress = new Uri($"http://localhost:{ports[2].Split('=')[1]}") })
        using (var page = await dashboard.GetAsync("/", Cancellation))
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);

        again.AskToEnd();
        Assert.Equal(0, await again.EndAsync(EndLimit));
        await again.IsGoneAsync(EndLimit);
        Assert.Equal("", again.Errors);
    }

    private async Task<(int ExitCode, string Output, string Errors)> RunAnotherAsync(string[] ports)
    {
        await using var another = AppHostProcess.Start(_data.FullName, ports);
        return (await another.EndAsync(SmallApp.Patience), another.Output, another.Errors);
    }
}
