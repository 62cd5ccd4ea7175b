using System.Diagnostics;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Shop.ServiceDefaults.Resilience;

namespace Shop.Tests.ServiceDefaults;

public sealed class HttpResilienceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_get_is_sent_again_until_the_failure_has_passed()
    {
        await using var server = await LoopbackServer.StartAsync(503, 500, 408, 200);
        await using var shop = await ShopProcess.StartAsync();

        using var response = await shop.Inside.GetAsync(server.Address, Cancel);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(4, server.Requests);
    }

    [Fact]
    public async Task A_connection_that_breaks_off_is_tried_again()
    {
        await using var server = await LoopbackServer.StartAsync((context, request) =>
        {
            if (request == 1) context.Abort();
            return Task.CompletedTask;
        });
        await using var shop = await ShopProcess.StartAsync();

        using var response = await shop.Inside.GetAsync(server.Address, Cancel);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task It_gives_up_after_the_configured_retries_and_hands_over_the_last_answer()
    {
        await using var server = await LoopbackServer.StartAsync(500);
        await using var shop = await ShopProcess.StartAsync(new() { ["Resilience:MaxRetries"] = "2" });

        using var response = await shop.Inside.GetAsync(server.Address, Cancel);

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal(3, server.Requests);
    }

    [Fact]
    public async Task A_mistake_of_the_caller_is_not_repeated()
    {
        await using var server = await LoopbackServer.StartAsync(409);
        await using var shop = await ShopProcess.StartAsync();

        using var response = await shop.Inside.GetAsync(server.Address, Cancel);

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task A_post_is_sent_once()
    {
        await using var server = await LoopbackServer.StartAsync(503, 200);
        await using var shop = await ShopProcess.StartAsync();

        using var response = await shop.Inside.PostAsync(server.Address, new StringContent("{}"), Cancel);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(1, server.Requests);
    }

    [Theory]
    [InlineData(false, 2, HttpStatusCode.OK)]
    [InlineData(true, 1, HttpStatusCode.ServiceUnavailable)]
    public async Task A_post_with_an_idempotency_key_is_sent_again_when_its_body_can_be(bool isStream, int requests, HttpStatusCode expected)
    {
        var bodies = new List<string>();
        await using var server = await LoopbackServer.StartAsync(async (context, request) =>
        {
            bodies.Add(await new StreamReader(context.Request.Body).ReadToEndAsync(context.RequestAborted));
            context.Response.StatusCode = request == 1 ? 503 : 200;
        });
        await using var shop = await ShopProcess.StartAsync();
        using var order = new HttpRequestMessage(HttpMethod.Post, server.Address);
        order.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        order.Content = isStream ? new StreamContent(new MemoryStream(Encoding.UTF8.GetBytes("a tent"))) : new StringContent("a tent");

        using var response = await shop.Inside.SendAsync(order, Cancel);

        Assert.Equal(expected, response.StatusCode);
        Assert.Equal(Enumerable.Repeat("a tent", requests), bodies);
    }

    [Fact]
    public async Task Retry_After_is_honoured()
    {
        await using var server = await LoopbackServer.StartAsync((context, request) =>
        {
            context.Response.StatusCode = request == 1 ? 429 : 200;
            context.Response.Headers.RetryAfter = "1";
            return Task.CompletedTask;
        });
        await using var shop = await ShopProcess.StartAsync();
        var watch = Stopwatch.StartNew();

        using var response = await shop.Inside.GetAsync(server.Address, Cancel);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0.95, 10);
    }

    [Fact]
    public async Task A_Retry_After_that_is_too_long_is_the_callers_to_know()
    {
        await using var server = await LoopbackServer.StartAsync((context, _) =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "600";
            return Task.CompletedTask;
        });
        await using var shop = await ShopProcess.StartAsync();

        using var response = await shop.Inside.GetAsync(server.Address, Cancel);

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task An_attempt_that_hangs_is_cut_off_and_the_next_one_answers()
    {
        await using var server = await LoopbackServer.StartAsync((context, request) =>
            request == 1 ? Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default) : Task.CompletedTask);
        await using var shop = await ShopProcess.StartAsync(new() { ["Resilience:AttemptTimeout"] = "00:00:00.500" });

        using var response = await shop.Inside.GetAsync(server.Address, Cancel);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(2, server.Requests);
    }

    [Fact]
    public async Task A_service_that_never_answers_is_an_error_that_says_so()
    {
        await using var server = await LoopbackServer.StartAsync((context, _) => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default));
        await using var shop = await ShopProcess.StartAsync(new() { ["Resilience:AttemptTimeout"] = "00:00:00.100", ["Resilience:MaxRetries"] = "1" });

        var error = await Assert.ThrowsAsync<HttpRequestException>(() => shop.Inside.GetAsync(server.Address, Cancel));

        Assert.Contains("did not answer within 0.1 s", error.Message, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.GatewayTimeout, error.StatusCode);
    }

    [Fact]
    public async Task A_stream_of_events_outlives_every_timeout()
    {
        var limit = TimeSpan.FromMilliseconds(300);
        await using var server = await LoopbackServer.StartAsync(async (context, _) =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: first\n\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(limit * 3, context.RequestAborted);
            await context.Response.WriteAsync("data: last\n\n", context.RequestAborted);
        });
        await using var shop = await ShopProcess.StartAsync(new() { ["Resilience:AttemptTimeout"] = limit.ToString(), ["Resilience:TotalTimeout"] = limit.ToString() });

        using var response = await shop.Inside.GetAsync(server.Address, HttpCompletionOption.ResponseHeadersRead, Cancel);

        Assert.Equal("data: first\n\ndata: last\n\n", await response.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task A_service_that_keeps_failing_is_left_alone()
    {
        await using var failing = await LoopbackServer.StartAsync(500);
        await using var healthy = await LoopbackServer.StartAsync(200);
        await using var shop = await ShopProcess.StartAsync(new()
        {
            ["Resilience:MaxRetries"] = "0",
            ["Resilience:MinimumThroughput"] = "3",
            ["Resilience:BreakDuration"] = "00:10:00",
        });
        for (var i = 0; i < 3; i++) (await shop.Inside.GetAsync(failing.Address, Cancel)).Dispose();

        var error = await Assert.ThrowsAsync<CircuitOpenException>(() => shop.Inside.GetAsync(failing.Address, Cancel));

        Assert.Contains("keeps failing", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, failing.Requests);
        using var response = await shop.Inside.GetAsync(healthy.Address, Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("Resilience:MaxRetries", "-1")]
    [InlineData("Resilience:AttemptTimeout", "00:05:00")]
    [InlineData("Health:CheckTimeout", "01:00:00")]
    [InlineData("Shutdown:Timeout", "00:00:00")]
    public async Task A_wrong_option_stops_the_start_with_a_sentence_that_names_it(string key, string value)
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => ShopProcess.StartAsync(new() { [key] = value }));

        Assert.Contains($"{key} must", error.Message, StringComparison.Ordinal);
    }
}
