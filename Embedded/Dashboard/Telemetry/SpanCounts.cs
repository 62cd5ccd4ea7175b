namespace Embedded.Dashboard.Telemetry;

/// <param name="Received">Spans that came.</param>
/// <param name="Kept">Of them kept.</param>
/// <param name="SampledOut">Of them not, because too many came.</param>
/// <param name="Evicted">Kept, and gone again to make room.</param>
/// <param name="Ratio">The share of traces that is kept at present, 0 to 1.</param>
/// <param name="Bytes">What the kept ones take.</param>
internal sealed record SpanCounts(long Received, long Kept, long SampledOut, long Evicted, double Ratio, long Bytes);
