using System.Buffers.Binary;
using Embedded.Dashboard.Telemetry;

namespace Embedded.Dashboard.Otlp;

/// <summary>Reads <c>ExportTraceServiceRequest</c>.</summary>
internal static class TraceExport
{
    private const int TraceIdLength = 16;
    private const int SpanIdLength = 8;
    private const int StatusError = 2;

    public static void Read(ReadOnlySpan<byte> request, TelemetryStore store) =>
        OtlpScopes.Read(request, (span, source) => ReadSpan(span, source, store.Spans));

    public static UInt128 TraceIdOf(ReadOnlySpan<byte> bytes) => bytes.Length == TraceIdLength ? BinaryPrimitives.ReadUInt128BigEndian(bytes) : 0;

    public static ulong SpanIdOf(ReadOnlySpan<byte> bytes) => bytes.Length == SpanIdLength ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : 0;

    private static void ReadSpan(ReadOnlySpan<byte> message, TelemetrySource source, SpanStore spans)
    {
        UInt128 traceId = 0;
        var (spanId, parentId, start, end, isError) = (0UL, 0UL, 0UL, 0UL, false);
        ReadOnlySpan<byte> name = default;
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    traceId = TraceIdOf(reader.ReadBytes());
                    break;
                case 2:
                    spanId = SpanIdOf(reader.ReadBytes());
                    break;
                case 4:
                    parentId = SpanIdOf(reader.ReadBytes());
                    break;
                case 5:
                    name = reader.ReadBytes();
                    break;
                case 7:
                    start = reader.ReadFixed64();
                    break;
                case 8:
                    end = reader.ReadFixed64();
                    break;
                case 15:
                    isError = SpanDetails.ReadStatus(reader.ReadBytes()).Code == StatusError;
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        var duration = TimeSpan.FromTicks(end > start ? (long)((end - start) / TimeSpan.NanosecondsPerTick) : 0);
        // Ids of zeros are invalid: https://opentelemetry.io/docs/specs/otel/trace/api/#spancontext
        if (traceId != 0 && spanId != 0 && spans.Keeps(traceId, duration, isError))
            spans.Add(new StoredSpan(traceId, spanId, parentId, System.Text.Encoding.UTF8.GetString(name), start, end, isError, source, message.ToArray()));
    }
}
