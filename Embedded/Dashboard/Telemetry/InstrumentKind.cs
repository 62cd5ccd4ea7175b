namespace Embedded.Dashboard.Telemetry;

internal enum InstrumentKind
{
    Gauge,

    /// <summary>A sum that only grows; shown as a rate.</summary>
    Counter,

    /// <summary>A sum that grows and shrinks.</summary>
    UpDown,
    Histogram,
}
