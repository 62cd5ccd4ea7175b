namespace Shop.Benchmarks.Load;

/// <summary>How to load a server.</summary>
/// <param name="Servers">Where it listens: its replicas, which share the connections.</param>
/// <param name="Connections">Kept alive, one request at a time on each.</param>
/// <param name="Duration">How long new requests are sent; what is under way then is waited for.</param>
/// <param name="Workload">What is sent.</param>
public sealed record LoadPlan(IReadOnlyList<IPEndPoint> Servers, int Connections, TimeSpan Duration, Workload Workload)
{
    /// <summary>
    /// Requests a second in an open loop: they come when they are due, whatever became of earlier ones, and their latency
    /// counts from then, so that a stall can't hide behind those that it kept from being sent. Null for a closed loop, in
    /// which each connection sends its next request as soon as it has its answer.
    /// </summary>
    public double? Rate { get; init; }

    /// <summary>Stops after so many requests, if the time isn't over before.</summary>
    public long MostRequests { get; init; } = long.MaxValue;
}
