namespace Embedded.Dashboard.Resources;

/// <summary>A resource at a moment.</summary>
/// <param name="Name">Unique.</param>
/// <param name="Type">What it is, in lower case: project, postgres, redis, …</param>
/// <param name="State">Running, Starting, Waiting, Exited, …</param>
/// <param name="Health">Healthy, Degraded, Unhealthy; null while unknown.</param>
/// <param name="Detail">Why, as a sentence.</param>
/// <param name="StartedAt">Null when it never did.</param>
/// <param name="Restarts">Of all replicas, by crashes and commands.</param>
/// <param name="CpuPercent">Of one processor, over the last second or two; null when nothing runs.</param>
/// <param name="MemoryBytes">Resident, what processes share counted once; null when nothing runs.</param>
/// <param name="Urls">Where it is met.</param>
/// <param name="DependsOn">Resources it waits for or refers to.</param>
/// <param name="Environment">What the engine gave it; secrets are masked here already.</param>
/// <param name="Commands">What can be done with it now.</param>
/// <param name="Replicas">Its processes; none for what lives inside another resource.</param>
public sealed record DashboardResource(
    string Name,
    string Type,
    string State,
    string? Health,
    string? Detail,
    DateTimeOffset? StartedAt,
    int Restarts,
    double? CpuPercent,
    long? MemoryBytes,
    IReadOnlyList<DashboardUrl> Urls,
    IReadOnlyList<string> DependsOn,
    IReadOnlyList<DashboardVariable> Environment,
    IReadOnlyList<string> Commands,
    IReadOnlyList<DashboardReplica> Replicas);
