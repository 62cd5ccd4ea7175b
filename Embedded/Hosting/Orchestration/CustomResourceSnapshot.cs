using System.Collections.Immutable;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Embedded.Hosting;

/// <summary>A resource, or one of its replicas, as it is at a moment.</summary>
public sealed record CustomResourceSnapshot
{
    public required string ResourceType { get; init; }

    public ResourceStateSnapshot? State { get; init; }

    /// <summary>Null while it doesn't run. A resource some of whose replicas are unhealthy is degraded.</summary>
    public HealthStatus? HealthStatus { get; init; }

    public int? ExitCode { get; init; }

    public DateTime? StartTimeStamp { get; init; }

    public DateTime? StopTimeStamp { get; init; }

    public ImmutableArray<UrlSnapshot> Urls { get; init; } = [];

    /// <summary>Why it is in this state, as a sentence for people.</summary>
    internal string? Detail { get; init; }
}

public sealed record ResourceStateSnapshot(string Text, string? Style)
{
    public static implicit operator ResourceStateSnapshot?(string? s) => s is null ? null : new(s, null);
}

/// <param name="Name">The endpoint's, or what is shown instead of the address; null for none.</param>
/// <param name="Url">The address.</param>
/// <param name="IsInternal">Whether it is one replica's own address, past the endpoint that all share.</param>
public sealed record UrlSnapshot(string? Name, string Url, bool IsInternal);
