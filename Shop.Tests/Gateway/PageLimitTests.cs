using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Shop.Web.Storefront;

namespace Shop.Tests.Gateway;

[Trait("Category", "Unit")]
public sealed class PageLimitTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_are_made_some_at_a_time_and_whoever_finds_too_many_waiting_is_told_at_once()
    {
        var (made, mayFinish) = (0, new TaskCompletionSource());
        await using var app = Storefront(
            options => (options.MaxPagesAtOnce, options.MaxPagesWaiting, options.LongestPageWait) = (2, 1, TimeSpan.FromMinutes(1)),
            async () =>
            {
                Interlocked.Increment(ref made);
                await mayFinish.Task;
            });
        app.MapGet("/api", () => "Not a page.");
        await app.StartAsync(Cancellation);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        var visitors = Enumerable.Range(0, 5).Select(_ => http.GetAsync("/page", Cancellation)).ToList();

        // Two of the five are too many; two are made, and one waits.
        foreach (var _ in Enumerable.Range(0, 2))
        {
            var told = await Task.WhenAny(visitors);
            using var answer = await told;
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            visitors.Remove(told);
        }

        await Eventually.SeesAsync(
            TimeSpan.FromSeconds(10), () => Task.FromResult(Volatile.Read(ref made)), count => count == 2, "two pages are being made");
        Assert.Equal("Come again.", await http.GetStringAsync("/status/503", Cancellation));
        Assert.Equal("Not a page.", await http.GetStringAsync("/api", Cancellation));

        mayFinish.SetResult();
        foreach (var answer in await Task.WhenAll(visitors))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            answer.Dispose();
        }

        Assert.Equal(3, Volatile.Read(ref made));
    }

    [Fact]
    public async Task Nobody_waits_long_for_pages_that_take_their_time()
    {
        var mayFinish = new TaskCompletionSource();
        await using var app = Storefront(
            options => (options.MaxPagesAtOnce, options.LongestPageWait) = (1, TimeSpan.FromMilliseconds(50)), () => mayFinish.Task);
        await app.StartAsync(Cancellation);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        var visitors = Enumerable.Range(0, 3).Select(_ => http.GetAsync("/page", Cancellation)).ToList();
        foreach (var _ in Enumerable.Range(0, 2))
        {
            var told = await Task.WhenAny(visitors);
            using var answer = await told;
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            visitors.Remove(told);
        }

        mayFinish.SetResult();
        using var made = await visitors.Single();
        Assert.Equal(HttpStatusCode.OK, made.StatusCode);
    }

    private static WebApplication Storefront(Action<StorefrontOptions> configure, Func<Task> makeAsync)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.Configure(configure);
        builder.Services.AddPageLimit();
        var app = builder.Build();
        app.UseRouting();
        app.UseRateLimiter();
        app.MapGet("/page", makeAsync).RequirePageLimit();
        app.MapGet("/status/503", () => "Come again.").RequirePageLimit();
        return app;
    }
}
