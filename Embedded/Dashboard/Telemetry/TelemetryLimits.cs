namespace Embedded.Dashboard.Telemetry;

/// <summary>How much of everything is kept.</summary>
internal sealed record TelemetryLimits
{
    private const int MiB = 1024 * 1024;

    public static TelemetryLimits Default { get; } = new();

    public long SpanBytes { get; init; } = 64 * MiB;

    /// <summary>Further spans of a trace are dropped.</summary>
    public int SpansPerTrace { get; init; } = 2_000;

    /// <summary>When more come, whole traces are left out.</summary>
    public int SpansPerSecond { get; init; } = 1_000;

    public long LogBytes { get; init; } = 32 * MiB;

    /// <summary>When more come, only warnings and worse are kept.</summary>
    public int LogsPerSecond { get; init; } = 500;

    /// <summary>Combinations of replica, instrument and attributes.</summary>
    public int Series { get; init; } = 4_000;

    /// <summary>Of each series; the oldest goes.</summary>
    public int PointsPerSeries { get; init; } = 300;

    /// <summary>What all of it may take at most.</summary>
    public long TotalBytes => SpanBytes + LogBytes + MetricBytes;

    public long MetricBytes { get; init; } = 48 * MiB;
}
