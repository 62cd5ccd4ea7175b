using Shop.Benchmarks.Load;

namespace Shop.Benchmarks.Scenarios;

/// <summary>A measured window.</summary>
/// <param name="Connections">Of the load generator.</param>
/// <param name="Success">The status that is the point: 202 for orders.</param>
/// <param name="Load">What came of the load.</param>
/// <param name="Cost">What it cost.</param>
internal sealed record LoadWindow(int Connections, int Success, LoadResult Load, Cost Cost)
{
    private readonly LatencyHistogram _latencies = Load.Latencies(Success);

    /// <summary>Successes a second.</summary>
    public double Rate => Load.RatePerSecond(Success);

    public long Successes => Load.Count(Success);

    public TimeSpan P50 => _latencies.Percentile(0.50);

    public TimeSpan P95 => _latencies.Percentile(0.95);

    public TimeSpan P99 => _latencies.Percentile(0.99);

    public TimeSpan Max => _latencies.Max;

    /// <summary>Other answers, and requests without an answer.</summary>
    public long Failures => Load.Answers - Successes + Load.Errors.Values.Sum();
}
