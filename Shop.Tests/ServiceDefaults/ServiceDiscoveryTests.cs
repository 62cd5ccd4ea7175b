namespace Shop.Tests.ServiceDefaults;

[Trait("Category", "Unit")]
public sealed class ServiceDiscoveryTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http://apiservice/")]
    [InlineData("https+http://apiservice/")]
    public async Task Requests_are_spread_over_all_endpoints(string address)
    {
        await using var first = await LoopbackServer.StartAsync(200);
        await using var second = await LoopbackServer.StartAsync(200);
        await using var shop = await StartAsync(first.Address, second.Address);

        for (var i = 0; i < 10; i++)
            (await shop.Inside.GetAsync(address, Cancellation)).Dispose();

        Assert.Equal((5, 5), (first.Requests, second.Requests));
    }

    [Fact]
    public async Task The_path_and_the_query_arrive_as_they_were_asked()
    {
        string? seen = null;
        await using var server = await LoopbackServer.StartAsync((context, _) =>
        {
            seen = context.Request.Path + context.Request.QueryString.ToString();
            return Task.CompletedTask;
        });
        await using var shop = await StartAsync(server.Address["http://".Length..]);

        using var response = await shop.Inside.GetAsync("http://apiservice/api/v1/products?search=red%20tent&pageSize=3", Cancellation);

        Assert.Equal("/api/v1/products?search=red%20tent&pageSize=3", seen);
        Assert.Equal("http://apiservice/api/v1/products?search=red%20tent&pageSize=3", response.RequestMessage?.RequestUri?.AbsoluteUri);
    }

    [Fact]
    public async Task An_endpoint_where_nobody_listens_costs_no_request_whatever_its_method()
    {
        await using var alive = await LoopbackServer.StartAsync(200);
        await using var shop = await StartAsync(LoopbackServer.DeadAddress(), alive.Address);

        for (var i = 0; i < 6; i++)
        {
            using var response = await shop.Inside.PostAsync("http://apiservice/", new StringContent("{}"), Cancellation);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal(6, alive.Requests);
    }

    [Fact]
    public async Task A_failed_endpoint_is_skipped_and_the_retry_goes_to_another()
    {
        await using var dying = await LoopbackServer.StartAsync((context, _) =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        await using var alive = await LoopbackServer.StartAsync(200);
        await using var shop = await StartAsync(dying.Address, alive.Address);

        for (var i = 0; i < 6; i++)
            (await shop.Inside.GetAsync("http://apiservice/", Cancellation)).EnsureSuccessStatusCode().Dispose();

        Assert.Equal((1, 6), (dying.Requests, alive.Requests));
    }

    [Fact]
    public async Task Of_many_requests_at_once_each_is_sent_again_to_another_endpoint()
    {
        await using var alive = await LoopbackServer.StartAsync(200);
        await using var shop = await StartAsync(LoopbackServer.DeadAddress(), alive.Address);

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => shop.Inside.GetAsync("http://apiservice/", Cancellation)));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
    }

    [Fact]
    public async Task A_name_that_configuration_does_not_know_is_left_to_DNS()
    {
        await using var server = await LoopbackServer.StartAsync(200);
        await using var shop = await StartAsync(LoopbackServer.DeadAddress());
        var port = new Uri(server.Address).Port;

        using var response = await shop.Inside.GetAsync($"http://localhost:{port}/", Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static Task<ShopProcess> StartAsync(params string[] endpoints)
    {
        var configuration = new Dictionary<string, string?>();
        for (var i = 0; i < endpoints.Length; i++)
            configuration[$"services:apiservice:http:{i}"] = endpoints[i];
        return ShopProcess.StartAsync(configuration);
    }
}
