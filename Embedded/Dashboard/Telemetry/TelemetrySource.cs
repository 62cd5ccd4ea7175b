namespace Embedded.Dashboard.Telemetry;

/// <summary>Who sent a piece of telemetry.</summary>
/// <param name="Resource">The attribute <c>service.name</c>.</param>
/// <param name="Replica">The attribute <c>service.instance.id</c>; the resource's name where there is none.</param>
/// <param name="Scope">The activity source, meter or log category.</param>
internal sealed record TelemetrySource(string Resource, string Replica, string Scope);
