using Shop.Benchmarks.Load;
using Shop.Benchmarks.Topology;

namespace Shop.Benchmarks.Scenarios;

/// <summary>A window in which orders were placed, measured.</summary>
internal sealed record OrderWindow(int Connections, LoadResult Load, Cost Cost)
{
    private const int Accepted = 202;

    private readonly LatencyHistogram _latencies = Load.Latencies(Accepted);

    /// <summary>Orders accepted a second.</summary>
    public double Rate => Load.RatePerSecond(Accepted);

    public TimeSpan P50 => _latencies.Percentile(0.50);

    public TimeSpan P95 => _latencies.Percentile(0.95);

    public TimeSpan P99 => _latencies.Percentile(0.99);

    public TimeSpan Max => _latencies.Max;

    /// <summary>Answers other than 202, and requests without an answer.</summary>
    public long NotAccepted => Load.Answers - Load.Count(Accepted) + Load.Errors.Values.Sum();
}
