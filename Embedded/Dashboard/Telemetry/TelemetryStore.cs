namespace Embedded.Dashboard.Telemetry;

/// <summary>All telemetry that is kept.</summary>
internal sealed class TelemetryStore(TimeProvider time, TelemetryLimits limits)
{
    public TelemetryLimits Limits { get; } = limits;

    public SpanStore Spans { get; } = new(time, limits);

    public LogStore Logs { get; } = new(time, limits);

    public MetricStore Metrics { get; } = new(limits);
}
