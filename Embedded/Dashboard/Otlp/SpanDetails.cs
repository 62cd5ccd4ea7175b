using Embedded.Dashboard.Telemetry;

namespace Embedded.Dashboard.Otlp;

/// <summary>What a stored span's message holds beside what lists need.</summary>
internal sealed class SpanDetails
{
    private static readonly string[] Kinds = ["Internal", "Internal", "Server", "Client", "Producer", "Consumer"];
    private static readonly string[] Statuses = ["Unset", "Ok", "Error"];

    public string Kind { get; private set; } = Kinds[0];

    public string Status { get; private set; } = Statuses[0];

    public string? StatusMessage { get; private set; }

    public List<KeyValuePair<string, string>> Attributes { get; } = [];

    public List<SpanEvent> Events { get; } = [];

    public List<SpanLink> Links { get; } = [];

    public static SpanDetails Of(StoredSpan span)
    {
        var details = new SpanDetails();
        var reader = new ProtobufReader(span.Message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 6:
                    details.Kind = Kinds[Math.Min((int)reader.ReadVarint(), Kinds.Length - 1)];
                    break;
                case 9:
                    details.Attributes.Add(OtlpAttributes.Read(reader.ReadBytes()));
                    break;
                case 11:
                    details.Events.Add(ReadEvent(reader.ReadBytes()));
                    break;
                case 13:
                    details.Links.Add(ReadLink(reader.ReadBytes()));
                    break;
                case 15:
                    var (code, message) = ReadStatus(reader.ReadBytes());
                    (details.Status, details.StatusMessage) = (Statuses[Math.Min(code, Statuses.Length - 1)], message);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return details;
    }

    public static (int Code, string? Message) ReadStatus(ReadOnlySpan<byte> status)
    {
        var (code, message) = (0, (string?)null);
        var reader = new ProtobufReader(status);
        while (reader.Next())
        {
            if (reader.Field == 2) message = reader.ReadString();
            else if (reader.Field == 3) code = (int)reader.ReadVarint();
            else reader.Skip();
        }

        return (code, message);
    }

    private static SpanEvent ReadEvent(ReadOnlySpan<byte> message)
    {
        var (time, name) = (0UL, "");
        var attributes = new List<KeyValuePair<string, string>>();
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 1) time = reader.ReadFixed64();
            else if (reader.Field == 2) name = reader.ReadString();
            else if (reader.Field == 3) attributes.Add(OtlpAttributes.Read(reader.ReadBytes()));
            else reader.Skip();
        }

        return new SpanEvent(time, name, attributes);
    }

    private static SpanLink ReadLink(ReadOnlySpan<byte> message)
    {
        UInt128 traceId = 0;
        var spanId = 0UL;
        var attributes = new List<KeyValuePair<string, string>>();
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 1) traceId = TraceExport.TraceIdOf(reader.ReadBytes());
            else if (reader.Field == 2) spanId = TraceExport.SpanIdOf(reader.ReadBytes());
            else if (reader.Field == 4) attributes.Add(OtlpAttributes.Read(reader.ReadBytes()));
            else reader.Skip();
        }

        return new SpanLink(traceId, spanId, attributes);
    }
}
