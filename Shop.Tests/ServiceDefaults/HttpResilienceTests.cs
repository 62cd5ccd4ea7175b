using System.Net.Http.Json;
using Microsoft.AspNetCore.Http;
using Polly.CircuitBreaker;

namespace Shop.Tests.ServiceDefaults;

[Trait("Category", "Unit")]
public sealed class HttpResilienceTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_get_is_sent_again_until_the_failure_has_passed()
    {
        await using var server = await LoopbackServer.StartAsync(503, 502, 408, 200);
        await using var shop = await ShopProcess.StartAsync();

        using var response = await shop.Inside.GetAsync(server.Address, Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(4, server.Requests);
    }

    [Fact]
    public async Task An_error_of_the_one_asked_is_its_answer_and_closes_no_circuit()
    {
        await using var server = await LoopbackServer.StartAsync((context, _) =>
        {
            context.Response.StatusCode = context.Request.Path == "/poison" ? 500 : 200;
            return Task.CompletedTask;
        });
        await using var shop = await ShopProcess.StartAsync();

        for (var request = 0; request < 200; request++)
        {
            using var poisoned = await shop.Inside.GetAsync($"{server.Address}/poison", Cancellation);
            Assert.Equal(HttpStatusCode.InternalServerError, poisoned.StatusCode);
        }

        Assert.Equal(200, server.Requests);
        using var response = await shop.Inside.GetAsync(server.Address, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_connection_that_breaks_off_is_tried_again()
    {
        await using var server = await LoopbackServer.StartAsync((context, request) =>
        {
            if (request == 1)
                context.Abort();
            return Task.CompletedTask;
        });
        await using var shop = await ShopProcess.StartAsync();

        using var response = await shop.Inside.GetAsync(server.Address, Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("GET", null)]
    [InlineData("POST", "a key")]
    public async Task An_answer_that_breaks_off_in_the_middle_is_asked_for_again(string method, string? key)
    {
        await using var server = await LoopbackServer.StartAsync(async (context, request) =>
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("""{"items":[""", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            if (request == 1)
                context.Abort();
            else
                await context.Response.WriteAsync("]}", context.RequestAborted);
        });
        await using var shop = await ShopProcess.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), server.Address);
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
            request.Content = JsonContent.Create("a tent");
        }

        using var response = await shop.Inside.SendAsync(request, Cancellation);

        Assert.Equal("""{"items":[]}""", await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(2, server.Requests);
    }

    [Fact]
    public async Task A_mistake_of_the_caller_is_not_repeated()
    {
        await using var server = await LoopbackServer.StartAsync(409);
        await using var shop = await ShopProcess.StartAsync();

        using var response = await shop.Inside.GetAsync(server.Address, Cancellation);

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task A_post_is_sent_once()
    {
        await using var server = await LoopbackServer.StartAsync(503, 200);
        await using var shop = await ShopProcess.StartAsync();

        using var response = await shop.Inside.PostAsync(server.Address, new StringContent("{}"), Cancellation);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(1, server.Requests);
    }

    [Theory]
    [InlineData(6, 2, HttpStatusCode.OK)]
    [InlineData(1_000_000, 1, HttpStatusCode.ServiceUnavailable)]
    public async Task A_post_with_an_idempotency_key_is_sent_again_unless_it_is_too_long_to_keep(
        int length, int requests, HttpStatusCode expected)
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
        order.Content = new StreamContent(new MemoryStream(Encoding.UTF8.GetBytes(new string('x', length))));

        using var response = await shop.Inside.SendAsync(order, Cancellation);

        Assert.Equal(expected, response.StatusCode);
        Assert.Equal(Enumerable.Repeat(new string('x', length), requests), bodies);
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

        using var response = await shop.Inside.GetAsync(server.Address, Cancellation);

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task An_attempt_that_hangs_is_cut_off_and_the_next_one_answers()
    {
        await using var server = await LoopbackServer.StartAsync(async (context, request) =>
        {
            if (request == 1)
                await Task.Delay(Timeout.Infinite, context.RequestAborted)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        await using var shop = await ShopProcess.StartAsync(new() { ["Resilience:AttemptTimeout:Timeout"] = "00:00:00.500" });

        using var response = await shop.Inside.GetAsync(server.Address, Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(2, server.Requests);
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
            await Task.Delay(limit * 4, context.RequestAborted);
            await context.Response.WriteAsync("data: last\n\n", context.RequestAborted);
        });
        await using var shop = await ShopProcess.StartAsync(new()
        {
            ["Resilience:AttemptTimeout:Timeout"] = limit.ToString(),
            ["Resilience:TotalRequestTimeout:Timeout"] = (2 * limit).ToString(),
        });

        using var response = await shop.Inside.GetAsync(server.Address, HttpCompletionOption.ResponseHeadersRead, Cancellation);

        Assert.Equal("data: first\n\ndata: last\n\n", await response.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task A_service_that_keeps_everybody_waiting_is_left_alone()
    {
        await using var hanging = await LoopbackServer.StartAsync((context, _) =>
            Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default));
        await using var shop = await ShopProcess.StartAsync(new()
        {
            ["Resilience:AttemptTimeout:Timeout"] = "00:00:00.100",
            ["Resilience:CircuitBreaker:MinimumThroughput"] = "3",
            ["Resilience:CircuitBreaker:BreakDuration"] = "00:10:00",
        });

        await Assert.ThrowsAsync<BrokenCircuitException>(() => shop.Inside.GetAsync(hanging.Address, Cancellation));

        Assert.InRange(hanging.Requests, 1, 3);
    }

    [Fact]
    public async Task A_service_that_answers_is_not_left_alone_whatever_it_says()
    {
        await using var full = await LoopbackServer.StartAsync(503);
        await using var shop = await ShopProcess.StartAsync(new() { ["Resilience:CircuitBreaker:MinimumThroughput"] = "3" });

        for (var i = 0; i < 10; i++)
        {
            using var response = await shop.Inside.PostAsync(full.Address, content: null, Cancellation);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        }

        Assert.Equal(10, full.Requests);
    }
}
