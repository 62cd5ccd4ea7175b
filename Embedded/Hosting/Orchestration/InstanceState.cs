using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Embedded.Hosting;

/// <summary>Where one replica or server is in its life.</summary>
/// <param name="State">One of <see cref="KnownResourceStates"/>.</param>
/// <param name="Health">Null while it doesn't run, or runs and has not yet been asked.</param>
/// <param name="ExitCode">Of its last end.</param>
/// <param name="Detail">Why, for people.</param>
internal sealed record InstanceState(string State, HealthStatus? Health = null, int? ExitCode = null, string? Detail = null);
