namespace Embedded.Dashboard.Telemetry;

/// <summary>A span: what lists need, and its message as it came for whoever looks closer. Most are never looked at.</summary>
/// <param name="TraceId">16 bytes, big-endian.</param>
/// <param name="SpanId">8 bytes, big-endian.</param>
/// <param name="ParentId">0 for a root.</param>
/// <param name="Name">Of the operation.</param>
/// <param name="Start">Nanoseconds since the Unix epoch.</param>
/// <param name="End">Nanoseconds since the Unix epoch.</param>
/// <param name="IsError">Its status says so.</param>
/// <param name="Source">Who sent it.</param>
/// <param name="Message">The protobuf message <c>opentelemetry.proto.trace.v1.Span</c>.</param>
internal sealed record StoredSpan(
    UInt128 TraceId, ulong SpanId, ulong ParentId, string Name, ulong Start, ulong End, bool IsError, TelemetrySource Source, byte[] Message)
{
    /// <summary>What an object of this kind takes beside its message.</summary>
    private const int Overhead = 160;

    public int Bytes => Message.Length + Overhead;

    public TimeSpan Duration => TimeSpan.FromTicks(End > Start ? (long)((End - Start) / TimeSpan.NanosecondsPerTick) : 0);
}
