using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Shop.ApiService.Http;
using Shop.Infrastructure.Ordering;
using Shop.ServiceDefaults;
using Shop.Tests.ServiceDefaults;
using StackExchange.Redis;

namespace Shop.Tests.Http;

/// <summary>Limits of two replicas in miniature, over the running shop's Redis. Each test is a client of its own.</summary>
[Trait("Category", "Distributed")]
[Collection(RunningShopCollection.Name)]
public sealed class RateLimitTests(RunningShop shop)
{
    private const string AdminKey = "the-key-of-the-shop-with-limits-32";

    private readonly string _client = Address();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Replicas_count_together_and_who_is_over_the_limit_is_told_when_to_come_again()
    {
        await using var redis = await RedisAsync();
        await using var one = await StartAsync(redis);
        await using var other = await StartAsync(redis);

        foreach (var replica in new[] { one, one, one, other, other })
            Assert.Equal(HttpStatusCode.OK, await AskAsync(replica, HttpMethod.Post, "/things"));

        foreach (var replica in new[] { one, other })
        {
            using var response = await SendAsync(replica, HttpMethod.Post, "/things", _client);
            var problem = await Shopper.ProblemAsync(response, HttpStatusCode.TooManyRequests);
            Assert.Equal("urn:shop:problem:too-many-requests", problem.GetProperty("type").GetString());
            Assert.InRange(response.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        }

        // Looking is another class, and others are other clients.
        Assert.Equal(HttpStatusCode.OK, await AskAsync(one, HttpMethod.Get, "/things"));
        using var honest = await SendAsync(one, HttpMethod.Post, "/things", Address());
        Assert.Equal(HttpStatusCode.OK, honest.StatusCode);
    }

    [Fact]
    public async Task Without_Redis_each_replica_counts_for_itself()
    {
        await using var nowhere = await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
        {
            EndPoints = { { "127.0.0.1", 1 } },
            AbortOnConnectFail = false,
            BacklogPolicy = BacklogPolicy.FailFast,
            ConnectTimeout = 500,
        });
        await using var replica = await StartAsync(nowhere);

        for (var request = 0; request < 5; request++)
            Assert.Equal(HttpStatusCode.OK, await AskAsync(replica, HttpMethod.Post, "/things"));

        Assert.Equal(HttpStatusCode.TooManyRequests, await AskAsync(replica, HttpMethod.Post, "/things"));
    }

    [Fact]
    public async Task Whoever_guesses_tokens_or_keys_is_stopped_and_whoever_knows_them_is_not()
    {
        await using var redis = await RedisAsync();
        await using var replica = await StartAsync(redis);
        var (order, tokens) = ($"/orders/{Guid.NewGuid()}", replica.App.Services.GetRequiredService<OrderTokens>());

        for (var guess = 0; guess < 3; guess++)
        {
            Assert.Equal(HttpStatusCode.OK, await AskAsync(replica, HttpMethod.Get, order, ("Order-Token", $"guess {guess}")));
            Assert.Equal(HttpStatusCode.OK, await AskAsync(replica, HttpMethod.Get, "/admin", ("Authorization", $"Bearer {guess}")));
        }

        // A guess of either kind counts.
        Assert.Equal(HttpStatusCode.TooManyRequests, await AskAsync(replica, HttpMethod.Get, order, ("Order-Token", "the next guess")));
        Assert.Equal(HttpStatusCode.TooManyRequests, await AskAsync(replica, HttpMethod.Get, "/admin", ("Authorization", "Bearer next")));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(
            replica, HttpMethod.Get, order, ("Order-Token", tokens.Create(Guid.Parse(order.Split('/')[2])))));
        for (var request = 0; request < 20; request++)
            Assert.Equal(HttpStatusCode.OK, await AskAsync(replica, HttpMethod.Get, "/admin", ("Authorization", $"Bearer {AdminKey}")));
    }

    [Fact]
    public async Task Limits_can_be_turned_off()
    {
        await using var redis = await RedisAsync();
        await using var replica = await StartAsync(redis, ("RateLimiting:Enabled", "false"));

        for (var request = 0; request < 30; request++)
            Assert.Equal(HttpStatusCode.OK, await AskAsync(replica, HttpMethod.Post, "/things"));
    }

    [Fact]
    public async Task An_address_that_a_stranger_claims_is_not_believed()
    {
        await using var redis = await RedisAsync();
        // Nobody is trusted to tell addresses, this machine neither.
        await using var replica = await StartAsync(redis, ("Trusting", "nobody"));
        var answers = new List<HttpStatusCode>();
        for (var request = 0; request < 6; request++)
        {
            using var response = await SendAsync(replica, HttpMethod.Put, "/things", Address());
            answers.Add(response.StatusCode);
        }

        Assert.Contains(HttpStatusCode.TooManyRequests, answers);
    }

    private static string Address() => string.Create(
        CultureInfo.InvariantCulture, $"10.{Random.Shared.Next(256)}.{Random.Shared.Next(256)}.{Random.Shared.Next(1, 255)}");

    private async Task<ConnectionMultiplexer> RedisAsync() =>
        await ConnectionMultiplexer.ConnectAsync((await shop.App.GetConnectionStringAsync("cache", Cancellation))!);

    private static Task<ShopProcess> StartAsync(
        IConnectionMultiplexer redis, params (string Key, string Value)[] settings) => ShopProcess.StartAsync(
        new Dictionary<string, string?>(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))
        {
            ["RateLimiting:Writes"] = "5",
            ["RateLimiting:Guesses"] = "6",
            ["Admin:ApiKey"] = AdminKey,
            ["Ordering:OrderTokenKey"] = new string('k', 32),
        },
        builder =>
        {
            builder.Services.AddSingleton(redis);
            builder.Services.AddOptions<OrderingOptions>().BindConfiguration("Ordering");
            builder.Services.AddSingleton<OrderTokens>();
            builder.AddAdminAccess();
            builder.AddRateLimits();
        },
        app =>
        {
            if (app.Configuration["Trusting"] != "nobody")
                app.UseForwardedAddresses();
            app.UseRateLimiter();
            app.MapMethods("/things", ["GET", "POST", "PUT"], () => "a thing").RequireRateLimiting(RateLimits.Customers);
            app.MapGet("/orders/{id:guid}", (Guid id) => id).RequireRateLimiting(RateLimits.Orders);
            app.MapGet("/admin", () => "all").RequireRateLimiting(RateLimits.Administration);
        });

    private async Task<HttpStatusCode> AskAsync(
        ShopProcess replica, HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var response = await SendAsync(replica, method, path, _client, headers);
        return response.StatusCode;
    }

    private static Task<HttpResponseMessage> SendAsync(
        ShopProcess replica, HttpMethod method, string path, string client, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Add("X-Forwarded-For", client);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return replica.Outside.SendAsync(request, Cancellation);
    }
}
