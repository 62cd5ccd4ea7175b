using Shop.Benchmarks.Load;

namespace Shop.Tests.Benchmarks;

[Trait("Category", "Unit")]
public sealed class LatencyHistogramTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(9_999)]
    [InlineData(1_000_000)]
    [InlineData(3_000_000_000)]
    public void A_latency_is_kept_to_two_per_cent(long microseconds)
    {
        var histogram = new LatencyHistogram();
        // The other one is larger, so that the first isn't told exactly as the maximum.
        histogram.Record(TimeSpan.FromMicroseconds(microseconds));
        histogram.Record(TimeSpan.FromMicroseconds(microseconds * 1.3));

        Assert.InRange(histogram.Percentile(0.5).TotalMicroseconds, microseconds, microseconds * 1.02);
    }

    [Fact]
    public void Percentiles_tell_what_so_many_did_not_exceed()
    {
        var histogram = new LatencyHistogram();
        for (var milliseconds = 1; milliseconds <= 100; milliseconds++)
            histogram.Record(TimeSpan.FromMilliseconds(milliseconds));

        Assert.InRange(histogram.Percentile(0.50).TotalMilliseconds, 50, 51);
        Assert.InRange(histogram.Percentile(0.95).TotalMilliseconds, 95, 97);
        Assert.Equal(TimeSpan.FromMilliseconds(100), histogram.Percentile(1));
        Assert.Equal(TimeSpan.FromMilliseconds(100), histogram.Max);
    }

    [Fact]
    public void Two_histograms_become_one()
    {
        var (fast, slow) = (new LatencyHistogram(), new LatencyHistogram());
        fast.Record(TimeSpan.FromMilliseconds(1));
        slow.Record(TimeSpan.FromMilliseconds(50));

        fast.Add(slow);

        Assert.Equal(2, fast.Count);
        Assert.Equal(TimeSpan.FromMilliseconds(50), fast.Max);
    }

    [Fact]
    public void Nothing_measured_is_no_latency() => Assert.Equal(TimeSpan.Zero, new LatencyHistogram().Percentile(0.95));

    [Fact]
    public void What_takes_hours_is_counted_with_the_longest()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(TimeSpan.FromHours(30));

        Assert.Equal(TimeSpan.FromHours(30), histogram.Max);
        Assert.True(histogram.Percentile(0.5) >= TimeSpan.FromHours(1));
    }
}
