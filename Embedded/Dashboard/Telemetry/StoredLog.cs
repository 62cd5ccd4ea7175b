namespace Embedded.Dashboard.Telemetry;

/// <summary>A structured log record.</summary>
/// <param name="Sequence">Grows with each record.</param>
/// <param name="Time">Nanoseconds since the Unix epoch.</param>
/// <param name="Severity">OTLP's number: 1–4 trace, 5–8 debug, 9–12 information, 13–16 warning, 17–20 error, 21–24 critical.</param>
/// <param name="Source">Who sent it; the scope is the category.</param>
/// <param name="Message">As written.</param>
/// <param name="TraceId">0 when it belongs to none.</param>
/// <param name="SpanId">0 when it belongs to none.</param>
/// <param name="EventName">Null where there is none.</param>
/// <param name="Attributes">What the message was made of, and its exception.</param>
internal sealed record StoredLog(
    long Sequence, ulong Time, int Severity, TelemetrySource Source, string Message, UInt128 TraceId, ulong SpanId, string? EventName,
    IReadOnlyList<KeyValuePair<string, string>> Attributes)
{
    private const int Overhead = 160;
    private const int AttributeOverhead = 60;

    public int Bytes { get; } = Overhead + (sizeof(char) * Message.Length)
        + Attributes.Sum(attribute => AttributeOverhead + (sizeof(char) * (attribute.Key.Length + attribute.Value.Length)));
}
