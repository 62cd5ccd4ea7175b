using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Shop.Tests.ServiceDefaults;

namespace Shop.Tests.Telemetry;

/// <summary>Rules and dashboards ask for names that the exporter makes up: they are those that the page for operators lists.</summary>
[Trait("Category", "Unit")]
public sealed partial class PrometheusNameTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_meter_of_the_shop_is_scraped_under_the_name_in_the_docs()
    {
        await using var shop = await ShopProcess.StartAsync(new() { [ShopProcess.ManagementPort] = ShopProcess.FreePort() });
        // The shop's own instruments say nothing until something happens. These are like them, but other tests don't hear them.
        using var meter = new Meter("Shop.TestedNames");
        var listed = Row().Matches(await File.ReadAllTextAsync(Repository.File("docs", "observability.md"), Cancellation));
        foreach (Match row in listed)
            Measure(meter, $"tested.{row.Groups["name"].Value}", row.Groups["kind"].Value, row.Groups["unit"].Value);

        var scraped = await shop.Management.GetStringAsync("/metrics", Cancellation);

        Assert.True(listed.Count > 20, "The page wasn't understood.");
        Assert.All(listed, row =>
        {
            var series = row.Groups["scraped"].Value + (row.Groups["kind"].Value == "histogram" ? "_count" : "");
            Assert.Contains($"\ntested_{series}{{", scraped, StringComparison.Ordinal);
        });
    }

    private static void Measure(Meter meter, string name, string kind, string unit)
    {
        switch (kind)
        {
            case "counter":
                meter.CreateCounter<long>(name, unit).Add(1);
                break;
            case "histogram":
                meter.CreateHistogram<double>(name, unit).Record(1);
                break;
            default:
                meter.CreateObservableGauge(name, () => 1.0, unit);
                break;
        }
    }

    // | `shop.orders.accepted` | `shop_orders_accepted_total` | counter, {order} | …
    [GeneratedRegex(
        @"^\| `(?<name>shop\.[a-z._]+)` \| `(?<scraped>[a-z_]+)` \| (?<kind>counter|gauge|histogram), (?<unit>[^ ]+) \|",
        RegexOptions.Multiline)]
    private static partial Regex Row();
}
