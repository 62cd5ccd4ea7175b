namespace Shop.Benchmarks.Topology;

/// <summary>How the shop is to be started.</summary>
public sealed record TopologyOptions
{
    public int ApiReplicas { get; init; } = 1;

    public int WorkerReplicas { get; init; } = 1;

    /// <summary>Whether the dashboard runs and gets the services' telemetry.</summary>
    public bool WithDashboard { get; init; }

    /// <summary>Configuration of API and worker as environment variables: <c>Ordering__Intake__MaxBatch</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}
