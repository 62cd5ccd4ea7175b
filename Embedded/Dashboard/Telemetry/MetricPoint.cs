namespace Embedded.Dashboard.Telemetry;

/// <param name="Time">Nanoseconds since the Unix epoch.</param>
/// <param name="Value">Of a gauge or sum.</param>
/// <param name="Histogram">Of a histogram.</param>
internal sealed record MetricPoint(ulong Time, double Value, HistogramPoint? Histogram = null)
{
    private const int Overhead = 48;
    private const int HistogramOverhead = 96;

    public int Bytes => Overhead + (Histogram is { } histogram ? HistogramOverhead + (sizeof(ulong) * (histogram.Counts.Length + histogram.Bounds.Length)) : 0);
}
