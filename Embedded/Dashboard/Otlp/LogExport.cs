using Embedded.Dashboard.Telemetry;

namespace Embedded.Dashboard.Otlp;

/// <summary>Reads <c>ExportLogsServiceRequest</c>.</summary>
internal static class LogExport
{
    /// <summary>Information, for senders who say nothing.</summary>
    private const int DefaultSeverity = 9;

    public static void Read(ReadOnlySpan<byte> request, TelemetryStore store) =>
        OtlpScopes.Read(request, (record, source) => ReadRecord(record, source, store.Logs));

    private static void ReadRecord(ReadOnlySpan<byte> message, TelemetrySource source, LogStore logs)
    {
        var severity = SeverityOf(message);
        if (!logs.Keeps(severity)) return;

        var (time, observed, body, eventName, spanId) = (0UL, 0UL, "", (string?)null, 0UL);
        UInt128 traceId = 0;
        var attributes = new List<KeyValuePair<string, string>>();
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    time = reader.ReadFixed64();
                    break;
                case 5:
                    body = OtlpAttributes.ReadValue(reader.ReadBytes());
                    break;
                case 6:
                    attributes.Add(OtlpAttributes.Read(reader.ReadBytes()));
                    break;
                case 9:
                    traceId = TraceExport.TraceIdOf(reader.ReadBytes());
                    break;
                case 10:
                    spanId = TraceExport.SpanIdOf(reader.ReadBytes());
                    break;
                case 11:
                    observed = reader.ReadFixed64();
                    break;
                case 12:
                    eventName = reader.ReadString();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        logs.Add(sequence => new StoredLog(sequence, time == 0 ? observed : time, severity, source, body, traceId, spanId, eventName, attributes));
    }

    private static int SeverityOf(ReadOnlySpan<byte> message)
    {
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 2) return (int)reader.ReadVarint() is > 0 and var severity ? severity : DefaultSeverity;
            reader.Skip();
        }

        return DefaultSeverity;
    }
}
