namespace Shop.Benchmarks.Load;

/// <summary>The answers of one status to one kind of request.</summary>
public sealed class Outcome
{
    public LatencyHistogram Latencies { get; } = new();

    /// <summary>Those that came before the time was over; the others came for requests that were under way then.</summary>
    public long InTime { get; internal set; }

    public long Count => Latencies.Count;
}
