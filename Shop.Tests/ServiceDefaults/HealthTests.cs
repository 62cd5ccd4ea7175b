using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Shop.Tests.ServiceDefaults;

public sealed class HealthTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Health_tells_each_check_with_state_duration_and_description()
    {
        await using var shop = await StartAsync(checks => checks.AddCheck("shopdb", () => HealthCheckResult.Degraded("slow today")));

        using var response = await shop.Outside.GetAsync("/health", Cancel);
        var health = await response.Content.ReadFromJsonAsync<JsonElement>(Cancel);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("Degraded", health.GetProperty("status").GetString());
        var shopdb = health.GetProperty("checks").GetProperty("shopdb");
        Assert.Equal("Degraded", shopdb.GetProperty("status").GetString());
        Assert.Equal("slow today", shopdb.GetProperty("description").GetString());
        Assert.True(shopdb.GetProperty("durationMs").GetDouble() >= 0);
        Assert.Equal("Healthy", health.GetProperty("checks").GetProperty("self").GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_stranger_sees_states_but_no_descriptions_even_when_he_claims_to_be_local()
    {
        await using var shop = await StartAsync(checks => checks.AddCheck("shopdb", () => HealthCheckResult.Unhealthy("Host=10.1.2.3 refused")));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health");
        request.Headers.Add("X-Forwarded-For", "127.0.0.1");

        using var response = await shop.Outside.SendAsync(request, Cancel);
        var body = await response.Content.ReadAsStringAsync(Cancel);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("Unhealthy", body, StringComparison.Ordinal);
        Assert.DoesNotContain("10.1.2.3", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_dependency_makes_it_unready_but_not_dead()
    {
        await using var shop = await StartAsync(checks => checks.AddCheck("shopdb", () => throw new InvalidOperationException("gone")));

        using var ready = await shop.Outside.GetAsync("/health", Cancel);
        using var alive = await shop.Outside.GetAsync("/alive", Cancel);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("gone", await ready.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        Assert.DoesNotContain("shopdb", await alive.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_check_that_hangs_and_ignores_its_token_counts_as_failed()
    {
        await using var shop = await StartAsync(
            checks => checks.AddAsyncCheck("messaging", () => new TaskCompletionSource<HealthCheckResult>().Task),
            new() { ["Health:CheckTimeout"] = "00:00:00.100" });

        using var response = await shop.Outside.GetAsync("/health", Cancel).WaitAsync(TimeSpan.FromSeconds(5), Cancel);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("No answer within 0.1 s.", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
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
            new() { ["Health:CacheDuration"] = "00:01:00" });

        await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ => (await shop.Outside.GetAsync("/health", Cancel)).EnsureSuccessStatusCode().Dispose()));

        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task An_old_answer_is_not_given_again()
    {
        var healthy = false;
        await using var shop = await StartAsync(
            checks => checks.AddCheck("shopdb", () => Volatile.Read(ref healthy) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy()),
            new() { ["Health:CacheDuration"] = "00:00:00" });
        using var before = await shop.Outside.GetAsync("/health", Cancel);
        Volatile.Write(ref healthy, true);

        using var after = await shop.Outside.GetAsync("/health", Cancel);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK), (before.StatusCode, after.StatusCode));
    }

    [Fact]
    public async Task When_told_to_stop_it_says_so_at_once_and_still_serves()
    {
        await using var shop = await StartAsync(_ => { }, new() { ["Shutdown:Drain"] = "00:01:00" });
        using var enough = new CancellationTokenSource();
        using var before = await shop.Outside.GetAsync("/health", Cancel);

        var stop = shop.App.StopAsync(enough.Token);
        using var health = await shop.Outside.GetAsync("/health", Cancel);
        using var alive = await shop.Outside.GetAsync("/alive", Cancel);
        using var newcomer = new HttpClient { BaseAddress = shop.Outside.BaseAddress };
        using var page = await newcomer.GetAsync("/", Cancel);
        await enough.CancelAsync();
        await stop;

        Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.Contains("Stopping", await health.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        Assert.Equal("served", await page.Content.ReadAsStringAsync(Cancel));
    }

    private static Task<ShopProcess> StartAsync(Action<IHealthChecksBuilder> checks, Dictionary<string, string?>? configuration = null) => ShopProcess.StartAsync(
        configuration,
        builder => checks(builder.Services.AddHealthChecks()),
        app => app.MapGet("/", () => "served"));
}
