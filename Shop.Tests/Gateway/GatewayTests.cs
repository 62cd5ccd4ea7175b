using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Shop.Tests.ServiceDefaults;
using Shop.Web.Gateway;

namespace Shop.Tests.Gateway;

[Trait("Category", "Unit")]
public sealed class GatewayTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_request_fails_while_one_of_two_instances_breaks_off_every_connection()
    {
        var broken = 0;
        await using var dying = await LoopbackServer.StartAsync((context, _) => Die(context, Interlocked.Increment(ref broken)));
        await using var living = await LoopbackServer.StartAsync(200);
        await using var shop = await StartAsync(dying.Address, living.Address);

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => shop.Outside.GetAsync("/api/v1/products", Cancellation)));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.True(broken > 0, "Nothing broke off, so nothing was shown.");
    }

    [Fact]
    public async Task An_instance_that_failed_is_left_out()
    {
        var broken = 0;
        await using var dying = await LoopbackServer.StartAsync((context, _) => Die(context, Interlocked.Increment(ref broken)));
        await using var living = await LoopbackServer.StartAsync(200);
        await using var shop = await StartAsync(dying.Address, living.Address);

        for (var i = 0; i < 50; i++)
            (await shop.Outside.GetAsync("/api/v1/products", Cancellation)).EnsureSuccessStatusCode().Dispose();

        Assert.Equal(1, broken);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_in_the_middle_is_asked_for_again()
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
        await using var shop = await StartAsync(server.Address);

        Assert.Equal("""{"items":[]}""", await shop.Outside.GetStringAsync("/api/v1/products", Cancellation));
        Assert.Equal(2, server.Requests);
    }

    [Fact]
    public async Task A_long_answer_passes_whole()
    {
        var page = new string('x', 3 * 1024 * 1024);
        await using var server = await LoopbackServer.StartAsync(async (context, _) =>
        {
            context.Response.ContentType = "text/html";
            await context.Response.WriteAsync(page, context.RequestAborted);
        });
        await using var shop = await StartAsync(server.Address);

        Assert.Equal(page, await shop.Outside.GetStringAsync("/docs", Cancellation));
    }

    [Fact]
    public async Task An_order_with_a_key_is_sent_again_as_it_was()
    {
        var bodies = new List<string>();
        await using var server = await LoopbackServer.StartAsync(async (context, request) =>
        {
            bodies.Add($"{context.Request.Headers["Idempotency-Key"]} "
                + $"{await new StreamReader(context.Request.Body).ReadToEndAsync(context.RequestAborted)}");
            if (request == 1)
                context.Abort();
            else
                context.Response.StatusCode = 202;
        });
        await using var shop = await StartAsync(server.Address);
        using var order = Order("key-1");

        using var response = await shop.Outside.SendAsync(order, Cancellation);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal(["key-1 a tent", "key-1 a tent"], bodies);
    }

    [Fact]
    public async Task What_must_not_be_repeated_ends_as_a_problem_that_says_when_to_come_back()
    {
        await using var server = await LoopbackServer.StartAsync(Die);
        await using var shop = await StartAsync(server.Address);
        using var order = Order(key: null);

        using var response = await shop.Outside.SendAsync(order, Cancellation);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.NotNull(response.Headers.RetryAfter?.Delta);
        Assert.Equal("urn:shop:problem:unavailable", problem.GetProperty("type").GetString());
        Assert.True(problem.TryGetProperty("traceId", out _));
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task An_order_that_never_reached_an_instance_goes_to_another()
    {
        await using var living = await LoopbackServer.StartAsync(
            async (context, _) => await context.Request.Body.CopyToAsync(context.Response.Body, context.RequestAborted));
        await using var shop = await StartAsync(LoopbackServer.DeadAddress(), living.Address);

        for (var i = 0; i < 10; i++)
        {
            using var order = Order(key: null);
            using var response = await shop.Outside.SendAsync(order, Cancellation);
            Assert.Equal("a tent", await response.Content.ReadAsStringAsync(Cancellation));
        }
    }

    [Fact]
    public async Task An_order_without_a_key_that_was_under_way_is_not_sent_twice()
    {
        await using var dying = await LoopbackServer.StartAsync(Die);
        await using var living = await LoopbackServer.StartAsync(200);
        await using var shop = await StartAsync(dying.Address, living.Address);

        for (var i = 0; i < 2; i++)
        {
            using var order = Order(key: null);
            (await shop.Outside.SendAsync(order, Cancellation)).Dispose();
        }

        Assert.Equal(2, dying.Requests + living.Requests);
    }

    [Fact]
    public async Task A_shop_without_any_instance_is_a_problem_too()
    {
        await using var shop = await StartAsync(LoopbackServer.DeadAddress());

        using var response = await shop.Outside.GetAsync("/api/v1/products", Cancellation);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Theory]
    [InlineData(404, "")]
    [InlineData(503, "its own words")]
    public async Task An_answer_of_the_API_is_passed_on_whatever_it_says(int statusCode, string body)
    {
        await using var server = await LoopbackServer.StartAsync(async (context, _) =>
        {
            context.Response.StatusCode = statusCode;
            await context.Response.WriteAsync(body, context.RequestAborted);
        });
        await using var shop = await ShopProcess.StartAsync(
            new() { ["services:apiservice:http:0"] = server.Address },
            builder => builder.AddGateway(),
            app =>
            {
                app.UseStatusCodePages("text/plain", "a page for status {0}");
                app.MapGateway();
            });

        using var response = await shop.Outside.GetAsync("/api/v1/products/none", Cancellation);

        Assert.Equal(statusCode, (int)response.StatusCode);
        Assert.Equal(body, await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task Events_arrive_one_by_one()
    {
        var next = new SemaphoreSlim(0);
        await using var server = await LoopbackServer.StartAsync(async (context, _) =>
        {
            context.Response.ContentType = "text/event-stream";
            for (var i = 1; i <= 3; i++)
            {
                await context.Response.WriteAsync($"data: {i}\n\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await next.WaitAsync(context.RequestAborted);
            }
        });
        await using var shop = await StartAsync(server.Address);

        using var response = await shop.Outside.GetAsync("/api/v1/orders/1/events", HttpCompletionOption.ResponseHeadersRead, Cancellation);
        using var events = new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation));

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        for (var i = 1; i <= 3; i++)
        {
            // The server sends the next one only when this one has arrived.
            Assert.Equal($"data: {i}", await events.ReadLineAsync(Cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(10), Cancellation));
            Assert.Equal("", await events.ReadLineAsync(Cancellation));
            next.Release();
        }

        Assert.Null(await events.ReadLineAsync(Cancellation));
    }

    [Fact]
    public async Task The_API_learns_who_asked_and_in_which_trace()
    {
        IHeaderDictionary? seen = null;
        await using var server = await LoopbackServer.StartAsync((context, _) =>
        {
            seen = new HeaderDictionary(context.Request.Headers.ToDictionary(header => header.Key, header => header.Value));
            return Task.CompletedTask;
        });
        await using var shop = await StartAsync(server.Address);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/products");
        request.Headers.Add("X-Forwarded-For", "8.8.8.8");
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

        (await shop.Outside.SendAsync(request, Cancellation)).EnsureSuccessStatusCode().Dispose();

        Assert.Equal("127.0.0.1", seen!["X-Forwarded-For"]);
        Assert.Equal("http", seen["X-Forwarded-Proto"]);
        Assert.Equal(shop.Outside.BaseAddress!.Authority, seen["X-Forwarded-Host"]);
        Assert.StartsWith("00-0af7651916cd43dd8448eb211c80319c-", seen.TraceParent.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_the_API_refuses_is_the_APIs_to_refuse()
    {
        await using var server = await LoopbackServer.StartAsync(
            async (context, _) =>
            {
                try
                {
                    await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
                }
                catch (BadHttpRequestException refusal)
                {
                    context.Response.StatusCode = refusal.StatusCode;
                }
            },
            maxBody: 64 * 1024);
        await using var shop = await StartAsync(server.Address);

        using var response = await shop.Outside.PostAsync("/api/v1/orders", new ByteArrayContent(new byte[5_000_000]), Cancellation);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    private static Task Die(HttpContext context, int _)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    private static HttpRequestMessage Order(string? key)
    {
        var order = new HttpRequestMessage(HttpMethod.Post, "/api/v1/orders") { Content = new StringContent("a tent", Encoding.UTF8) };
        if (key is not null)
            order.Headers.Add("Idempotency-Key", key);
        return order;
    }

    private static Task<ShopProcess> StartAsync(params string[] instances)
    {
        var configuration = new Dictionary<string, string?>();
        for (var i = 0; i < instances.Length; i++)
            configuration[$"services:apiservice:http:{i}"] = instances[i];
        return ShopProcess.StartAsync(configuration, builder => builder.AddGateway(), app => app.MapGateway());
    }
}
