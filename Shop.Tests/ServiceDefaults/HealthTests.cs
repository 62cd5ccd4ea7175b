using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace Shop.Tests.ServiceDefaults;

[Trait("Category", "Unit")]
public sealed class HealthTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Health_tells_each_check_with_state_and_duration_and_the_inside_why()
    {
        await using var shop = await StartAsync(
            checks => checks.AddCheck("shopdb", () => HealthCheckResult.Degraded("slow today")), FreePort());

        using var response = await shop.Management.GetAsync("/health", Cancellation);
        var health = await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("Degraded", health.GetProperty("status").GetString());
        var shopdb = health.GetProperty("checks").GetProperty("shopdb");
        Assert.Equal("Degraded", shopdb.GetProperty("status").GetString());
        Assert.Equal("slow today", shopdb.GetProperty("description").GetString());
        Assert.True(shopdb.GetProperty("durationMs").GetDouble() >= 0);
        Assert.Equal("Healthy", health.GetProperty("checks").GetProperty("self").GetProperty("status").GetString());
    }

    [Theory]
    [InlineData("Production", true)]
    [InlineData("Production", false)]
    [InlineData("Development", true)]
    public async Task At_the_port_for_customers_states_are_told_but_no_reasons(string environment, bool hasManagementPort)
    {
        await using var shop = await StartAsync(
            checks => checks.AddCheck("shopdb", () => HealthCheckResult.Unhealthy("Host=10.1.2.3 refused")),
            hasManagementPort ? FreePort() : [],
            environment: environment);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health");
        request.Headers.Host = $"localhost:{shop.Management.BaseAddress!.Port}";

        using var response = await shop.Outside.SendAsync(request, Cancellation);
        var body = await response.Content.ReadAsStringAsync(Cancellation);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("Unhealthy", body, StringComparison.Ordinal);
        Assert.DoesNotContain("10.1.2.3", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_dependency_makes_it_unready_but_not_dead()
    {
        await using var shop = await StartAsync(
            checks => checks.AddCheck("shopdb", () => throw new InvalidOperationException("gone")), FreePort());

        using var ready = await shop.Management.GetAsync("/health", Cancellation);
        using var alive = await shop.Management.GetAsync("/alive", Cancellation);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("gone", await ready.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        Assert.DoesNotContain("shopdb", await alive.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_check_that_hangs_and_ignores_its_token_counts_as_failed()
    {
        var time = new FakeTimeProvider();
        await using var shop = await StartAsync(
            checks => checks.AddAsyncCheck("messaging", NeverAsync).AddCheck("shopdb", () => HealthCheckResult.Healthy()),
            FreePort(), time);

        using var response = await InTimeAsync(shop.Management.GetAsync("/health", Cancellation), time);
        var checks = (await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("checks");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("No answer within 2 s.", checks.GetProperty("messaging").GetProperty("description").GetString());
        Assert.Equal("Healthy", checks.GetProperty("shopdb").GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_check_that_blocks_its_thread_does_not_make_the_answer_hang()
    {
        var time = new FakeTimeProvider();
        using var release = new ManualResetEventSlim();
        await using var shop = await StartAsync(
            checks => checks.AddCheck("cache", () =>
            {
                release.Wait(Cancellation);
                return HealthCheckResult.Healthy();
            }),
            time: time);

        using var response = await InTimeAsync(shop.Outside.GetAsync("/health", Cancellation), time);
        release.Set();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
    }

    /// <summary>The answer, while the clock of the process goes on.</summary>
    private static async Task<HttpResponseMessage> InTimeAsync(Task<HttpResponseMessage> answer, FakeTimeProvider time)
    {
        await Eventually.SeesAsync(
            TimeSpan.FromSeconds(20),
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(answer.IsCompleted);
            },
            isThere => isThere,
            "an answer");
        return await answer;
    }

    [Fact]
    public async Task A_flood_of_probes_runs_the_checks_once()
    {
        var runs = 0;
        await using var shop = await StartAsync(
            checks => checks.AddCheck("shopdb", () =>
            {
                Interlocked.Increment(ref runs);
                return HealthCheckResult.Healthy();
            }),
            time: new FakeTimeProvider());

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => shop.Outside.GetAsync("/health", Cancellation)));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task An_old_answer_is_not_given_again()
    {
        var (healthy, time) = (false, new FakeTimeProvider());
        await using var shop = await StartAsync(
            checks => checks.AddCheck(
                "shopdb", () => Volatile.Read(ref healthy) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy()),
            time: time);
        using var before = await shop.Outside.GetAsync("/health", Cancellation);
        Volatile.Write(ref healthy, true);
        time.Advance(TimeSpan.FromSeconds(1));

        using var after = await shop.Outside.GetAsync("/health", Cancellation);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK), (before.StatusCode, after.StatusCode));
    }

    [Fact]
    public async Task When_told_to_stop_it_says_so_at_once_and_still_serves()
    {
        await using var shop = await StartAsync(
            // A dependency that hangs as it stops too must not delay the word.
            checks => checks.AddAsyncCheck("messaging", NeverAsync), new() { ["Shutdown:Drain"] = "00:01:00" });
        using var enough = new CancellationTokenSource();
        using var before = await shop.Outside.GetAsync("/alive", Cancellation);

        var stop = shop.App.StopAsync(enough.Token);
        using var health = await shop.Outside.GetAsync("/health", Cancellation).WaitAsync(TimeSpan.FromSeconds(1.5), Cancellation);
        using var alive = await shop.Outside.GetAsync("/alive", Cancellation);
        using var newcomer = new HttpClient { BaseAddress = shop.Outside.BaseAddress };
        using var page = await newcomer.GetAsync("/", Cancellation);
        await enough.CancelAsync();
        await stop;

        Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.Contains("Stopping", await health.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        Assert.Equal("served", await page.Content.ReadAsStringAsync(Cancellation));
    }

    private static Dictionary<string, string?> FreePort() => new() { [ShopProcess.ManagementPort] = ShopProcess.FreePort() };

    private static Task<HealthCheckResult> NeverAsync() => new TaskCompletionSource<HealthCheckResult>().Task;

    private static Task<ShopProcess> StartAsync(
        Action<IHealthChecksBuilder> checks,
        Dictionary<string, string?>? configuration = null,
        TimeProvider? time = null,
        string environment = "Production") =>
        ShopProcess.StartAsync(
            configuration,
            builder =>
            {
                builder.Services.AddSingleton(time ?? TimeProvider.System);
                checks(builder.Services.AddHealthChecks());
            },
            app => app.MapGet("/", () => "served"),
            environment);
}
