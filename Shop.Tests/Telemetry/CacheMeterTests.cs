using Microsoft.AspNetCore.Builder;
using Shop.ApiService.Http;
using Shop.Tests.ServiceDefaults;

namespace Shop.Tests.Telemetry;

/// <summary>How the list cache answers is counted. Beside no other test: the meters of a process are one for all.</summary>
[Trait("Category", "Unit")]
[Collection(OneAtATime.Name)]
public sealed class CacheMeterTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly RecordedMeters _meters = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _meters.Dispose();

    [Fact]
    public async Task Of_those_who_ask_for_the_same_list_at_once_one_misses_and_the_others_are_coalesced()
    {
        var (waiting, answer) = (0, new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously));
        await using var process = await StartAsync(answer.Task, () => Interlocked.Increment(ref waiting));
        var asking = Enumerable.Range(0, 4).Select(_ => process.Outside.GetStringAsync("/list", Cancellation)).ToArray();
        await Eventually.SeesAsync(Patience, () => Task.FromResult(Volatile.Read(ref waiting)), count => count == 4, "all four wait");

        answer.SetResult("a list");

        Assert.All(await Task.WhenAll(asking), body => Assert.Equal("a list", body));
        Assert.Equal((1, 3, 0), (Count("miss"), Count("coalesced"), Count("hit")));
    }

    [Fact]
    public async Task Who_asks_again_hits_and_who_asks_for_something_else_misses()
    {
        await using var process = await StartAsync(Task.FromResult("a list"), () => { });

        // The list lives for a second, which may pass between two questions.
        await Eventually.SeesAsync(Patience, async () =>
        {
            await process.Outside.GetStringAsync("/list", Cancellation);
            return Count("hit");
        }, hits => hits == 1, "a question hits");
        var misses = Count("miss");
        await process.Outside.GetStringAsync("/list?page=2", Cancellation);

        Assert.Equal((misses + 1, 0, 1), (Count("miss"), Count("coalesced"), Count("hit")));
    }

    /// <summary>A process with a list.</summary>
    /// <param name="list">The list, when it is there.</param>
    /// <param name="waits">Called when the cache has begun with a request.</param>
    private static Task<ShopProcess> StartAsync(Task<string> list, Action waits) =>
        ShopProcess.StartAsync(build: builder => builder.AddListCache(), map: app =>
    {
        app.Use((context, next) =>
        {
            var answering = next(context);
            waits();
            return answering;
        });
        app.UseOutputCache();
        app.MapGet("/list", () => list).KeepForAMoment();
    });

    private double Count(string result) => _meters.Sum("shop.cache.requests", "shop.cache=lists", $"shop.result={result}");
}
