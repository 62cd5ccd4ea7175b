namespace Embedded.Dashboard.Resources;

/// <summary>One process of a resource; see <see cref="DashboardResource"/>.</summary>
/// <param name="Name">Such as apiservice-1.</param>
/// <param name="Index">From 1.</param>
/// <param name="ProcessId">Null while it doesn't run.</param>
/// <param name="State">See there.</param>
/// <param name="Health">See there.</param>
/// <param name="Detail">See there.</param>
/// <param name="StartedAt">See there.</param>
/// <param name="Restarts">See there.</param>
/// <param name="CpuPercent">See there.</param>
/// <param name="MemoryBytes">See there.</param>
/// <param name="Url">Its own address, past the endpoint that all replicas share.</param>
public sealed record DashboardReplica(
    string Name, int Index, int? ProcessId, string State, string? Health, string? Detail, DateTimeOffset? StartedAt, int Restarts, double? CpuPercent, long? MemoryBytes, string? Url);
