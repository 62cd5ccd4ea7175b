using System.Diagnostics;
using System.Net;
using Microsoft.Playwright;
using OpenTelemetry.Trace;
using Shop.Tests.Browser;
using static Microsoft.Playwright.Assertions;

namespace Shop.Tests.Embedded.Dashboard;

/// <summary>More traces than a list shows at first.</summary>
public sealed class TraceListTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private const int FlushMilliseconds = 10_000;

    private readonly ActivitySource _source = new($"Tests.{Guid.NewGuid():N}");
    private DashboardBench _bench = null!;
    private TracerProvider _provider = null!;

    public async ValueTask InitializeAsync()
    {
        _bench = await DashboardBench.StartAsync();
        _provider = _bench.Tracing(_source.Name);
    }

    public async ValueTask DisposeAsync()
    {
        _provider.Dispose();
        _source.Dispose();
        await _bench.DisposeAsync();
    }

    [Fact]
    public async Task The_first_of_all_traces_are_listed_in_the_order_that_is_asked_for()
    {
        Send("slowest", milliseconds: 900, spans: 1);
        Send("largest", milliseconds: 5, spans: 4);
        Send("newest", milliseconds: 20, spans: 2);
        Flush();

        Assert.Equal(["newest", "largest"], await ListAsync("limit=2"));
        Assert.Equal(["slowest", "newest"], await ListAsync("limit=2&order=Slowest"));
        Assert.Equal(["largest", "newest", "slowest"], await ListAsync("order=MostSpans"));
        Assert.Equal(["newest"], await ListAsync("limit=1&order=Slowest&text=newest", fitting: 1));
        using var refused = await _bench.Client.GetAsync("api/traces?order=Prettiest", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Fact]
    public async Task The_page_says_how_many_there_are_shows_more_and_finds_the_slowest_of_all()
    {
        Send("slowest", milliseconds: 900, spans: 1);
        for (var sent = 1; sent < 250; sent++)
            Send("ordinary", milliseconds: 5, spans: 1);
        Flush();
        var page = await chromium.VisitAsync(_bench.Server.Url);
        await page.GotoAsync(_bench.Server.LoginUrl.ToString());
        var (traces, shown) = (page.GetByTestId("trace"), page.GetByTestId("traces-shown"));

        await page.GotoAsync("/#/traces");
        await Expect(shown).ToHaveTextAsync("The first 200 of 250 traces");
        await Expect(traces).ToHaveCountAsync(200);
        await page.GetByRole(AriaRole.Button, new() { Name = "Show more" }).ClickAsync();
        await Expect(traces).ToHaveCountAsync(250);
        await Expect(shown).ToHaveCountAsync(0);

        await page.GetByLabel("First").SelectOptionAsync("Slowest");
        await Expect(traces.First).ToContainTextAsync("slowest");
        await Expect(traces).ToHaveCountAsync(200);
        await page.Context.DisposeAsync();
    }

    private void Send(string name, int milliseconds, int spans)
    {
        var start = DateTime.UtcNow;
        using var first = _source.StartActivity(name, ActivityKind.Server, parentContext: default, startTime: start)!;
        for (var child = 1; child < spans; child++)
            _source.StartActivity("child", ActivityKind.Internal, first.Context, startTime: start)!.SetEndTime(start).Stop();
        first.SetEndTime(start.AddMilliseconds(milliseconds));
    }

    private void Flush() => Assert.True(_provider.ForceFlush(FlushMilliseconds));

    private async Task<string[]> ListAsync(string query, int fitting = 3)
    {
        var answer = await _bench.AskAsync($"api/traces?{query}");
        Assert.Equal(fitting, answer.GetProperty("total").GetInt32());
        return [.. answer.GetProperty("items").EnumerateArray().Select(trace => trace.GetProperty("name").GetString()!)];
    }
}
