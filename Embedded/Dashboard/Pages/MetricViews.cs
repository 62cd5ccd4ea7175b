using Embedded.Dashboard.Telemetry;

namespace Embedded.Dashboard.Pages;

/// <summary>Metrics as the pages want them: rates instead of counts, percentiles instead of buckets.</summary>
internal sealed class MetricViews(TelemetryStore store, TimeProvider time)
{
    private const double NanosecondsPerSecond = 1e9;
    private const int LongestMinutes = 60;

    public object List() => store.Metrics.Instruments()
        .GroupBy(instrument => instrument.Key.Resource)
        .OrderBy(resource => resource.Key, StringComparer.Ordinal)
        .Select(resource => new
        {
            Resource = resource.Key,
            Meters = resource.GroupBy(instrument => instrument.Key.Meter).OrderBy(meter => meter.Key, StringComparer.Ordinal).Select(meter => new
            {
                Name = meter.Key,
                Instruments = meter.OrderBy(instrument => instrument.Key.Name, StringComparer.Ordinal).Select(Describe).ToList(),
            }).ToList(),
        }).ToList();

    /// <returns>Null when there is no such instrument.</returns>
    public object? Find(string resource, string meter, string instrument, int minutes)
    {
        var since = time.GetUtcNow().AddMinutes(-Math.Clamp(minutes, 1, LongestMinutes));
        var (found, series) = store.Metrics.Find(new InstrumentKey(resource, meter, instrument), Moment.From(since));
        return found is null ? null : new
        {
            found.Key.Name,
            found.Unit,
            found.Description,
            Kind = NameOf(found.Kind),
            Series = series.Select(one => new
            {
                one.Series.Replica,
                Attributes = Moment.Pairs(one.Series.Attributes),
                Points = found.Kind switch
                {
                    InstrumentKind.Counter => Rates(one.Points),
                    InstrumentKind.Histogram => Percentiles(one.Points),
                    _ => one.Points.Select(point => (object)new { T = Moment.Of(point.Time), V = point.Value }),
                },
            }).ToList(),
        };
    }

    private static object Describe(Instrument instrument) => new { instrument.Key.Name, instrument.Unit, instrument.Description, Kind = NameOf(instrument.Kind) };

    private static string NameOf(InstrumentKind kind) => kind switch
    {
        InstrumentKind.Counter => "counter",
        InstrumentKind.UpDown => "updown",
        InstrumentKind.Histogram => "histogram",
        _ => "gauge",
    };

    // A count that shrank began anew with its process.
    private static IEnumerable<object> Rates(IReadOnlyList<MetricPoint> points) => points.Zip(points.Skip(1), (before, after) => (object)new
    {
        T = Moment.Of(after.Time),
        V = (after.Value >= before.Value ? after.Value - before.Value : after.Value) / Seconds(before, after),
    });

    private static IEnumerable<object> Percentiles(IReadOnlyList<MetricPoint> points) => points.Zip(points.Skip(1))
        .Where(pair => pair.First.Histogram is not null && pair.Second.Histogram is not null)
        .Select(pair => (At: pair.Second.Time, Seconds: Seconds(pair.First, pair.Second), New: pair.Second.Histogram!.Since(pair.First.Histogram!)))
        .Select(span => (object)new
        {
            T = Moment.Of(span.At),
            Count = span.New.Count / span.Seconds,
            P50 = Percentile(span.New, 0.5),
            P95 = Percentile(span.New, 0.95),
            P99 = Percentile(span.New, 0.99),
        });

    // A gap in the line where nothing was measured, not a zero.
    private static double? Percentile(HistogramPoint histogram, double share) => histogram.Count == 0 ? null : histogram.Percentile(share);

    private static double Seconds(MetricPoint before, MetricPoint after) => after.Time > before.Time ? (after.Time - before.Time) / NanosecondsPerSecond : 1;
}
