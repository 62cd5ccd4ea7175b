using Embedded.Dashboard.Otlp;
using Embedded.Dashboard.Telemetry;
using FsCheck;
using FsCheck.Fluent;

namespace Shop.Tests.Embedded.Dashboard;

/// <summary>Memory is bounded, and what is left out is chosen with care and counted.</summary>
public sealed class TelemetryStoreTests
{
    private static readonly TelemetrySource Source = new("tester", "tester-1", "scope");

    [Fact]
    public void When_memory_is_full_the_oldest_traces_go_and_are_counted()
    {
        var limits = new TelemetryLimits { SpanBytes = 100_000 };
        var spans = new SpanStore(TimeProvider.System, limits);
        for (var trace = 1UL; trace <= 1_000; trace++)
            spans.Add(Span(trace, messageBytes: 1_000));

        Assert.InRange(spans.Counts.Bytes, 1, limits.SpanBytes);
        Assert.NotEmpty(spans.Find(1_000));
        Assert.Empty(spans.Find(1));
        Assert.Equal(1_000, spans.Counts.Evicted + spans.NewestFirst().Count());
        Assert.Equal((UInt128)1_000, spans.NewestFirst().First()[0].TraceId);
    }

    [Fact]
    public void A_trace_that_never_ends_doesn_t_take_all_the_room()
    {
        var spans = new SpanStore(TimeProvider.System, new TelemetryLimits { SpansPerTrace = 10 });
        for (var count = 0; count < 25; count++)
            spans.Add(Span(1, messageBytes: 10));

        Assert.Equal(10, spans.Find(1).Count);
        Assert.Equal(15, spans.Counts.Evicted);
    }

    [Fact]
    public void In_a_rush_whole_traces_are_left_out_but_errors_and_slow_ones_stay()
    {
        var time = new SettableTime();
        var spans = new SpanStore(time, new TelemetryLimits { SpansPerSecond = 100 });
        var random = new Random(4711);
        for (var second = 0; second < 5; second++)
        {
            for (var trace = 0; trace < 500; trace++)
            {
                var id = new UInt128(0, (ulong)random.NextInt64(long.MinValue, long.MaxValue));
                // The two spans of a trace share its fate, once the store knows how much comes.
                var (first, other) = (spans.Keeps(id, TimeSpan.Zero, isError: false), spans.Keeps(id, TimeSpan.Zero, isError: false));
                if (second > 0) Assert.Equal(first, other);
            }

            Assert.True(spans.Keeps(UInt128.MaxValue, TimeSpan.Zero, isError: true));
            Assert.True(spans.Keeps(UInt128.MaxValue, TimeSpan.FromSeconds(3), isError: false));
            time.Now += TimeSpan.FromSeconds(1);
        }

        Assert.Equal(5 * 1_002, spans.Counts.Received);
        Assert.InRange(spans.Counts.Kept, 200 + (4 * 60), 200 + (4 * 150));
        Assert.Equal(spans.Counts.Received, spans.Counts.Kept + spans.Counts.SampledOut);
        Assert.InRange(spans.Counts.Ratio, 0.05, 0.15);

        // Calm again, everything is kept.
        spans.Keeps(1, TimeSpan.Zero, isError: false);
        time.Now += TimeSpan.FromSeconds(1);
        Assert.True(spans.Keeps(UInt128.MaxValue, TimeSpan.Zero, isError: false));
        Assert.Equal(1, spans.Counts.Ratio);
    }

    [Fact]
    public void In_a_rush_of_logs_warnings_stay()
    {
        var logs = new LogStore(new SettableTime(), new TelemetryLimits { LogsPerSecond = 10, LogBytes = 10_000 });
        var kept = Enumerable.Range(0, 100).Count(_ => logs.Keeps(severity: 9));

        Assert.Equal(10, kept);
        Assert.True(logs.Keeps(severity: 13));
        Assert.Equal(90, logs.Counts.Dropped);
        for (var count = 0; count < 1_000; count++)
            logs.Add(sequence => new StoredLog(sequence, 1, 9, Source, "a message", 0, 0, null, []));
        Assert.InRange(logs.Counts.Bytes, 1, 10_000);
        Assert.Equal(1_000, logs.NewestFirst()[0].Sequence);
    }

    [Fact]
    public void Series_and_their_points_are_bounded()
    {
        var limits = new TelemetryLimits { Series = 10, PointsPerSeries = 5 };
        var metrics = new MetricStore(limits);
        var instrument = new Instrument(new InstrumentKey("tester", "meter", "orders"), "{order}", "", InstrumentKind.Counter);
        for (var point = 1UL; point <= 20; point++)
        {
            for (var series = 0; series < 12; series++)
                metrics.Add(instrument, "tester-1", [new("series", $"{series}")], new MetricPoint(point, point), isDelta: false);
        }

        var (_, found) = metrics.Find(instrument.Key, since: 0);
        Assert.Equal(10, found.Count);
        Assert.All(found, series => Assert.Equal([16.0, 17, 18, 19, 20], series.Points.Select(point => point.Value)));
        Assert.Equal(40, metrics.Counts.Dropped);
    }

    [Fact]
    public void Counts_from_export_to_export_add_up()
    {
        var metrics = new MetricStore(TelemetryLimits.Default);
        var instrument = new Instrument(new InstrumentKey("tester", "meter", "orders"), "", "", InstrumentKind.Counter);
        for (var point = 1UL; point <= 3; point++)
            metrics.Add(instrument, "tester-1", [], new MetricPoint(point, 10), isDelta: true);

        Assert.Equal([10.0, 20, 30], Assert.Single(metrics.Find(instrument.Key, since: 0).Series).Points.Select(point => point.Value));
    }

    [Fact]
    public void Whatever_bytes_come_they_are_read_or_refused_with_a_sentence()
    {
        var store = new TelemetryStore(TimeProvider.System, TelemetryLimits.Default);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2_000).WithEndSize(400), Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            foreach (var read in (Action<byte[]>[])[request => TraceExport.Read(request, store), request => LogExport.Read(request, store), request => MetricExport.Read(request, store)])
            {
                try
                {
                    // As a resource with a scope with an item, so that the readers get as far as the item.
                    read(Field(1, Field(2, Field(2, bytes))));
                }
                catch (InvalidDataException refused)
                {
                    Assert.StartsWith("This is not", refused.Message, StringComparison.Ordinal);
                }
            }
        }));
    }

    private static byte[] Field(int number, byte[] content)
    {
        List<byte> field = [(byte)((number << 3) | 2)];
        var length = content.Length;
        for (; length > 0x7F; length >>= 7)
            field.Add((byte)((length & 0x7F) | 0x80));
        return [.. field, (byte)length, .. content];
    }

    private static StoredSpan Span(ulong trace, int messageBytes) => new(trace, 1, 0, "span", 1, 2, IsError: false, Source, new byte[messageBytes]);

    private sealed class SettableTime : TimeProvider
    {
        public TimeSpan Now { get; set; } = TimeSpan.FromHours(1);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
