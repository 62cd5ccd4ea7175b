using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Shop.ServiceDefaults;
using Shop.Worker.Telemetry;

namespace Shop.Tests.Telemetry;

/// <summary>
/// What an operator may rely on: whatever the shop measures is described, and its page is neither short of anything nor ahead of it.
/// </summary>
[Trait("Category", "Unit")]
public sealed partial class InstrumentTests
{
    private static readonly Assembly[] Measuring =
        [typeof(HotPath).Assembly, typeof(GaugeReader).Assembly, typeof(CachingTelemetry).Assembly];

    [Fact]
    public void Every_instrument_has_a_unit_and_a_description() => Assert.All(Instruments(), instrument =>
    {
        Assert.False(string.IsNullOrWhiteSpace(instrument.Unit), $"{instrument.Name} has no unit.");
        Assert.True(instrument.Description?.EndsWith('.') is true,
            $"{instrument.Name} is described by no sentence: {instrument.Description}");
    });

    [Fact]
    public void Every_histogram_says_what_its_buckets_are_good_for()
    {
        var histograms = Instruments().Where(instrument => instrument.GetType().GetGenericTypeDefinition() == typeof(Histogram<>))
            .ToArray();

        Assert.NotEmpty(histograms);
        Assert.All(histograms, histogram => Assert.True(
            histogram is Histogram<double> { Advice.HistogramBucketBoundaries.Count: > 0 }
                or Histogram<int> { Advice.HistogramBucketBoundaries.Count: > 0 },
            $"{histogram.Name} has the collector's buckets, which fit nothing here."));
    }

    [Fact]
    public void The_page_for_operators_lists_every_instrument_with_its_unit_and_none_besides()
    {
        var listed = Row().Matches(File.ReadAllText(Repository.File("docs", "observability.md")))
            .Select(match => $"{match.Groups["name"].Value} {match.Groups["unit"].Value}").ToArray();

        Assert.Equal(Instruments().Select(instrument => $"{instrument.Name} {instrument.Unit}").Order(), listed.Order());
    }

    /// <summary>All that the shop's classes of telemetry make.</summary>
    private static List<Instrument> Instruments()
    {
        var instruments = new List<Instrument>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            // Tests beside this one may have meters of their own.
            if (instrument.Meter.Name.StartsWith("Shop.", StringComparison.Ordinal)
                && !instrument.Meter.Name.StartsWith("Shop.Test", StringComparison.Ordinal))
                instruments.Add(instrument);
        };
        foreach (var telemetry in Measuring.SelectMany(assembly => assembly.GetTypes()).Where(
            type => type.Name.EndsWith("Telemetry", StringComparison.Ordinal)))
            RuntimeHelpers.RunClassConstructor(telemetry.TypeHandle);
        listener.Start();
        return instruments;
    }

    // | `shop.orders.accepted` | `shop_orders_accepted_total` | counter, {order} | …
    [GeneratedRegex(@"^\| `(?<name>shop\.[a-z._]+)` \| `[a-z_]+` \| (counter|gauge|histogram), (?<unit>[^ ]+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
