namespace Shop.ServiceDefaults.Health;

/// <summary>The body of <c>/health</c> and <c>/alive</c>.</summary>
/// <param name="Status"><c>Healthy</c>, <c>Degraded</c> (both answered with 200), <c>Unhealthy</c> or <c>Stopping</c> (503).</param>
/// <param name="DurationMs">Milliseconds that the slowest check took when the checks were last run.</param>
internal sealed record HealthAnswer(string Status, double DurationMs, IReadOnlyDictionary<string, CheckAnswer> Checks);

/// <param name="DurationMs">Milliseconds the check took.</param>
/// <param name="Description">Only for those who may see it.</param>
internal sealed record CheckAnswer(string Status, double DurationMs, string? Description);
