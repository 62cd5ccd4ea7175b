using System.Net;

namespace Shop.Tests.Embedded.Dashboard;

/// <summary>The dashboard can stop and delete things: only whoever has its token gets in.</summary>
public sealed class LoginTests
{
    [Fact]
    public async Task Without_the_token_nothing_is_told_and_nothing_is_done()
    {
        await using var bench = await DashboardBench.StartAsync();
        using var stranger = bench.Stranger();

        using var page = await stranger.GetAsync("/", Cancellation);
        using var data = await stranger.GetAsync("/api/resources", Cancellation);
        using var command = await stranger.PostAsync("/api/resources/postgres/commands/reset", content: null, Cancellation);
        using var guess = await stranger.GetAsync("/login?t=guess", Cancellation);
        using var typed = await stranger.PostAsync("/login", new FormUrlEncodedContent([new("token", "guess")]), Cancellation);

        Assert.Equal("/login", page.Headers.Location?.ToString());
        Assert.Equal(HttpStatusCode.Unauthorized, data.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, command.StatusCode);
        Assert.All([guess, typed], answer => Assert.Equal("/login?wrong", answer.Headers.Location?.ToString()));
        using var still = await stranger.GetAsync("/api/resources", Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, still.StatusCode);
    }

    [Fact]
    public async Task The_token_may_be_typed_too()
    {
        await using var bench = await DashboardBench.StartAsync();
        using var stranger = bench.Stranger();

        using var typed = await stranger.PostAsync("/login", new FormUrlEncodedContent([new("token", DashboardBench.Token)]), Cancellation);
        using var data = await stranger.GetAsync("/api/resources", Cancellation);

        Assert.Equal("/", typed.Headers.Location?.ToString());
        Assert.Equal(HttpStatusCode.OK, data.StatusCode);
    }

    [Fact]
    public async Task A_name_of_another_site_that_points_here_is_sent_away()
    {
        await using var bench = await DashboardBench.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/resources") { Headers = { Host = "rebound.example" } };

        using var answer = await bench.Client.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.MisdirectedRequest, answer.StatusCode);
    }

    [Fact]
    public async Task What_is_not_there_is_answered_as_such()
    {
        await using var bench = await DashboardBench.StartAsync();

        foreach (var path in (string[])["/api/traces/0", $"/api/traces/{new string('a', 32)}", "/api/console/nobody", "/api/console/nobody/download", "/nothing.html", "/api/metrics/series?resource=a&meter=b&instrument=c"])
        {
            using var answer = await bench.Client.GetAsync(path, Cancellation);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }

        using var command = await bench.Client.PostAsync("/api/resources/nobody/commands/stop", content: null, Cancellation);
        Assert.Equal(HttpStatusCode.Conflict, command.StatusCode);
        Assert.Contains("no resource 'nobody'", await command.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;
}
