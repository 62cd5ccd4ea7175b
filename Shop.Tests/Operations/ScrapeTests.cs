using System.Text.RegularExpressions;

namespace Shop.Tests.Operations;

/// <summary>What Prometheus gets from the running shop.</summary>
[Trait("Category", "Distributed")]
[Collection(RunningShopCollection.Name)]
public sealed partial class ScrapeTests(RunningShop shop) : IDisposable
{
    private readonly Shopper _shopper = new(shop.Client());

    public void Dispose() => _shopper.Dispose();

    [Fact]
    public async Task What_becomes_of_an_order_is_counted()
    {
        using var worker = Management("worker");
        var before = await ValuesAsync(worker);
        await _shopper.SettledAsync(await _shopper.BuyAsync(Shopper.Order(shop.UntouchedProduct().Sku)));
        var declined = await _shopper.BuyAsync(Shopper.Order(shop.UntouchedProduct().Sku, card: "tok_declined"));
        await _shopper.RefusedAsync(declined);
        // Too late for the customer: the sweeper cancels it.
        await shop.AskAsync<int>("""
            WITH late AS (UPDATE inventory.reservations SET expires_at = now() - interval '1 second' WHERE order_id = $1 RETURNING 1)
            SELECT count(*)::int FROM late
            """, declined.OrderId);
        Assert.Equal("cancelled", (await _shopper.SettledAsync(declined)).Status);

        // Counted a moment after what customers see.
        var after = await Eventually.SeesAsync(
            TimeSpan.FromSeconds(20), () => ValuesAsync(worker),
            values => Grown(values, "shop_messaging_handled_total{queue=\"shop.notifications\"}") >= 2
                && Grown(values, "shop_orders_cancelled_total{shop_reason=\"payment_refused\"}") >= 1,
            "both customers were written to, and the cancelled order is counted");

        Assert.True(Grown(after, "shop_orders_confirmed_total") >= 1);
        Assert.True(Grown(after, "shop_orders_time_to_confirm_seconds_count") >= 1);
        Assert.True(Grown(after, "shop_payments_attempts_total{shop_operation=\"charge\",shop_outcome=\"succeeded\"}") >= 1);
        Assert.True(Grown(after, "shop_payments_attempts_total{shop_operation=\"charge\",shop_outcome=\"declined\"}") >= 1);
        Assert.True(Grown(after, "shop_messaging_lag_seconds_count{queue=\"shop.payments\"}") >= 2);
        Assert.Equal(0, after["shop_stock_oversold"]);

        double Grown(Dictionary<string, double> values, string series) =>
            values.GetValueOrDefault(series) - before.GetValueOrDefault(series);
    }

    [Theory]
    [InlineData("apiservice")]
    [InlineData("worker")]
    [InlineData("webfrontend")]
    public async Task Every_service_answers_Prometheus_and_nobody_outside(string service)
    {
        using var management = Management(service);
        using var customers = shop.Client(service);
        using var inside = await management.GetAsync("/metrics", TestContext.Current.CancellationToken);
        using var outside = await customers.GetAsync("/metrics", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, inside.StatusCode);
        Assert.StartsWith("text/plain; version=0.0.4", inside.Content.Headers.ContentType!.ToString(), StringComparison.Ordinal);
        Assert.Contains(
            $"service_name=\"{service}\"", await inside.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, outside.StatusCode);
    }

    [Fact]
    public async Task Whether_a_promise_of_speed_is_kept_can_be_read_from_a_bucket()
    {
        var rules = await File.ReadAllTextAsync(
            Repository.File("deploy", "observability", "rules", "shop.rules.yml"), TestContext.Current.CancellationToken);
        var promised = PromisedBound().Matches(rules).Select(bound => bound.Value).Distinct().ToArray();
        using var http = Management("apiservice");
        using var api = shop.Client("apiservice");
        // So many at once reach every replica, whichever of them is scraped.
        await Task.WhenAll(
            Enumerable.Range(0, 20).Select(_ => api.GetStringAsync("/api/v1/categories", TestContext.Current.CancellationToken)));
        var measured = await Eventually.SeesAsync(
            TimeSpan.FromSeconds(20), () => http.GetStringAsync("/metrics", TestContext.Current.CancellationToken),
            text => Bucket().IsMatch(text), "a request is measured");

        Assert.Equal(2, promised.Length);
        Assert.Empty(promised.Except(Bucket().Matches(measured).Select(bucket => bucket.Groups[1].Value)));
    }

    [Theory]
    [InlineData("apiservice")]
    [InlineData("worker")]
    public async Task Every_meter_of_the_shop_is_described_and_in_the_docs(string service)
    {
        await _shopper.SettledAsync(await _shopper.BuyAsync(Shopper.Order(shop.UntouchedProduct().Sku)));
        var docs = await File.ReadAllTextAsync(
            Path.Combine(Repository.Root, "docs", "observability.md"), TestContext.Current.CancellationToken);
        using var http = Management(service);
        var described = Described().Matches(await http.GetStringAsync("/metrics", TestContext.Current.CancellationToken));

        Assert.NotEmpty(described);
        Assert.All(described, meter =>
        {
            Assert.Contains($"| `{meter.Groups[1].Value}` |", docs, StringComparison.Ordinal);
            Assert.NotEmpty(meter.Groups[2].Value.Trim());
        });
    }

    private HttpClient Management(string service) => shop.App.CreateHttpClient(service, "management");

    private static async Task<Dictionary<string, double>> ValuesAsync(HttpClient service)
    {
        var text = await service.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        return SampleParts().Matches(text).ToDictionary(
            sample => sample.Groups[1].Value + (sample.Groups[2].Value is { Length: > 0 } labels ? $"{{{labels}}}" : ""),
            sample => double.Parse(sample.Groups[3].Value, System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>A series of the shop without the meter's name.</summary>
    [GeneratedRegex("""^(shop_\w+)\{otel_scope_name="[^"]*",?([^}]*)\} (\S+)$""", RegexOptions.Multiline)]
    private static partial Regex SampleParts();

    [GeneratedRegex("""^http_server_request_duration_seconds_bucket\{.*(le="[0-9.]+")\}""", RegexOptions.Multiline)]
    private static partial Regex Bucket();

    [GeneratedRegex("le=\"[0-9.]+\"")]
    private static partial Regex PromisedBound();

    [GeneratedRegex("^# HELP (shop_\\w+)(.*)$", RegexOptions.Multiline)]
    private static partial Regex Described();
}
