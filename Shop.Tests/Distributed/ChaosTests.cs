using Microsoft.Extensions.Diagnostics.HealthChecks;
using Shop.Benchmarks.Topology;
using Shop.Contracts;
using Shop.Contracts.Ordering;

namespace Shop.Tests.Distributed;

/// <summary>What customers notice when processes die: nothing, or a clear "try again". Each test leaves the shop whole.</summary>
[Trait("Category", "Distributed")]
[Collection(RunningShopCollection.Name)]
public sealed class ChaosTests(RunningShop shop) : IDisposable
{
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(60);

    private readonly Shopper _shopper = new(shop.Client());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _shopper.Dispose();

    [Fact]
    public async Task A_worker_killed_in_the_middle_of_fifty_orders_loses_none_and_charges_each_once()
    {
        var product = shop.UntouchedProduct();
        var run = Guid.NewGuid().ToString("N");
        var orders = Task.WhenAll(Enumerable.Range(0, 50).Select(async number =>
        {
            var email = $"buyer-{number}-{run}@example.com";
            return (Email: email, Order: await _shopper.BuyAsync(Shopper.Order(product.Sku, email: email)));
        }));
        await Eventually.SeesAsync(Recovery, () => ConfirmedAsync(product.Sku), confirmed => confirmed > 0, "the worker is at work");

        var back = await KillAsync("worker");

        var accepted = await orders;
        await Eventually.SeesAsync(Recovery, () => ConfirmedAsync(product.Sku), confirmed => confirmed == 50, "all fifty are confirmed");
        await back;
        Assert.Equal(50L, await shop.AskAsync<long>("""
            SELECT count(*) FROM simulated_provider.charges WHERE accepted AND refunded_at IS NULL AND idempotency_key = ANY ($1)
            """, (object)accepted.Select(order => order.Order.OrderId.ToString("N")).ToArray()));
        Assert.Equal(50L, await shop.AskAsync<long>(
            "SELECT count(*) FROM payments.payments WHERE status = 'Paid' AND order_id = ANY ($1)",
            accepted.Select(order => order.Order.OrderId).ToArray()));
        // What a message delivered twice would show: a sale booked twice.
        Assert.Equal(
            -50L,
            await shop.AskAsync<long>("SELECT sum(quantity) FROM inventory.movements WHERE sku = $1 AND cause = 'sale'", product.Sku));
        Assert.Equal(
            product.Available - 50, await shop.AskAsync<int>("SELECT on_hand - reserved FROM inventory.stock WHERE sku = $1", product.Sku));
        await Eventually.SeesAsync(
            Recovery,
            async () => (await Task.WhenAll(accepted.Select(order => shop.MailsToAsync(order.Email)))).Count(mails => mails >= 1),
            customers => customers == 50,
            "every customer has a mail");
    }

    [Fact]
    public async Task Orders_are_taken_while_the_broker_is_down_and_confirmed_when_it_is_back()
    {
        var product = shop.UntouchedProduct();
        OrderAccepted[] accepted;
        await CommandAsync("messaging", "stop");
        try
        {
            accepted = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => _shopper.BuyAsync(Shopper.Order(product.Sku))));
            Assert.Equal("processing", (await _shopper.FindAsync(accepted[0])).Status);
        }
        finally
        {
            await CommandAsync("messaging", "start");
        }

        await shop.App.ResourceNotifications.WaitForResourceHealthyAsync("messaging", Cancellation);
        foreach (var order in accepted)
            Assert.Equal("confirmed", (await _shopper.SettledAsync(order, Recovery)).Status);
        await shop.App.ResourceNotifications.WaitForResourceHealthyAsync("worker", Cancellation);
    }

    [Fact]
    public async Task No_customer_notices_that_a_replica_of_the_API_was_killed()
    {
        var answers = new ConcurrentBag<string>();
        var browsing = BrowseAsync(answers, requestsPerSecond: 100, TimeSpan.FromSeconds(6));
        await Eventually.SeesAsync(Recovery, () => Task.FromResult(answers.Count), count => count > 100, "customers are browsing");

        var back = await KillAsync("apiservice");
        await browsing;
        await back;

        Assert.True(answers.Count > 400, $"Only {answers.Count} requests were made: this was no load.");
        Assert.Empty(answers.Where(answer => answer != "OK").GroupBy(answer => answer).Select(group => $"{group.Count()} × {group.Key}"));
    }

    [Fact]
    public async Task Without_Postgres_the_shop_says_try_again_and_comes_back_by_itself()
    {
        using var api = new Shopper(shop.Client("apiservice"));
        var order = Shopper.Order(shop.UntouchedProduct().Sku);
        await CommandAsync("postgres", "stop");
        try
        {
            using var products = await api.GetAsync($"/api/v1/products?search={Guid.NewGuid():N}");
            await Shopper.ProblemAsync(products, HttpStatusCode.ServiceUnavailable);
            Assert.NotNull(products.Headers.RetryAfter);

            using var refused = await api.PlaceAsync(order);
            await Shopper.ProblemAsync(refused, HttpStatusCode.ServiceUnavailable);
            Assert.NotNull(refused.Headers.RetryAfter);

            using var alive = await api.GetAsync("/alive");
            Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        }
        finally
        {
            await CommandAsync("postgres", "start");
        }

        await shop.App.ResourceNotifications.WaitForResourceHealthyAsync("postgres", Cancellation);
        shop.Database.Clear();
        await Eventually.SeesAsync(Recovery, async () =>
        {
            using var again = await api.GetAsync("/api/v1/products?pageSize=1");
            return again.StatusCode;
        }, status => status == HttpStatusCode.OK, "products are shown again");
        var accepted = await Eventually.SeesAsync(Recovery, async () =>
        {
            using var response = await _shopper.PlaceAsync(order);
            return response.StatusCode is HttpStatusCode.Accepted
                ? await Shopper.ReadAsync(response, HttpStatusCode.Accepted, ShopJson.Default.OrderAccepted)
                : null;
        }, answer => answer is not null, "orders are taken again");
        Assert.Equal("confirmed", (await _shopper.SettledAsync(accepted!, Recovery)).Status);
        await AllHealthyAsync();
    }

    [Fact]
    public async Task Without_Redis_the_shop_shows_its_products_and_takes_orders()
    {
        var product = shop.UntouchedProduct();
        await CommandAsync("cache", "stop");
        try
        {
            using var products = await _shopper.GetAsync("/api/v1/products?pageSize=1");
            Assert.Equal(HttpStatusCode.OK, products.StatusCode);
            Assert.Equal("confirmed", (await _shopper.SettledAsync(await _shopper.BuyAsync(Shopper.Order(product.Sku)))).Status);
            using var basket = await _shopper.GetAsync($"/api/v1/baskets/{Guid.NewGuid()}");
            await Shopper.ProblemAsync(basket, HttpStatusCode.ServiceUnavailable);
        }
        finally
        {
            await CommandAsync("cache", "start");
        }

        await shop.App.ResourceNotifications.WaitForResourceHealthyAsync("cache", Cancellation);
        await Eventually.SeesAsync(Recovery, async () =>
        {
            using var basket = await _shopper.GetAsync($"/api/v1/baskets/{Guid.NewGuid()}");
            return basket.StatusCode;
        }, status => status == HttpStatusCode.OK, "baskets are back");
        await AllHealthyAsync();
    }

    private async Task BrowseAsync(ConcurrentBag<string> answers, int requestsPerSecond, TimeSpan duration)
    {
        string[] paths = [
            "/api/v1/products?pageSize=12", "/api/v1/products/midnight-sun-lantern", "/api/v1/products?search=tent&pageSize=12",
            "/api/v1/categories"];
        var start = Stopwatch.GetTimestamp();
        var requests = new List<Task>();
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (Stopwatch.GetElapsedTime(start) < duration)
        {
            // By the clock and not by the ticks, of which a busy machine drops some.
            var due = (int)(Stopwatch.GetElapsedTime(start).TotalSeconds * requestsPerSecond);
            while (requests.Count < due)
                requests.Add(AskAsync(paths[requests.Count % paths.Length]));
            await pulse.WaitForNextTickAsync(Cancellation);
        }

        await Task.WhenAll(requests);

        async Task AskAsync(string path)
        {
            try
            {
                using var response = await _shopper.GetAsync(path);
                answers.Add(response.StatusCode.ToString());
            }
            catch (HttpRequestException failure)
            {
                answers.Add(failure.Message);
            }
        }
    }

    private Task<long> ConfirmedAsync(string sku) => shop.AskAsync<long>(
        "SELECT count(*) FROM ordering.orders o JOIN ordering.lines l ON l.order_id = o.id WHERE l.sku = $1 AND o.status = 'Confirmed'",
        sku);

    private async Task AllHealthyAsync()
    {
        foreach (var resource in new[] { "apiservice", "worker", "webfrontend" })
            await shop.App.ResourceNotifications.WaitForResourceHealthyAsync(resource, Cancellation).WaitAsync(Recovery, Cancellation);
    }

    /// <summary>SIGKILL to the first instance, without anybody's help afterwards.</summary>
    /// <returns>Completes when it is healthy again, in another process.</returns>
    private async Task<Task> KillAsync(string resource)
    {
        var instance = (await shop.App.InstancesAsync(resource, Cancellation))[0];
        var killed = AppProcesses.ProcessIdOf(instance);
        AppProcesses.Kill(instance);
        return shop.App.ResourceNotifications.WaitForResourceAsync(
            resource,
            change => change.ResourceId == instance.ResourceId && change.Snapshot.HealthStatus == HealthStatus.Healthy
                && AppProcesses.ProcessIdOf(change) is { } now && now != killed,
            Cancellation).WaitAsync(Recovery, Cancellation);
    }

    private async Task CommandAsync(string resource, string command)
    {
        var done = await shop.App.ResourceCommands.ExecuteCommandAsync(resource, command, Cancellation);
        Assert.True(done.Success, $"{command} {resource}: {done.Message}");
    }
}
