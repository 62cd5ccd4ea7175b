using Embedded.Dashboard.Telemetry;

namespace Embedded.Dashboard.Otlp;

/// <summary>
/// The frame that traces, logs and metrics share: resources, in each of them scopes, in each of them items. All three use the
/// same field numbers (opentelemetry-proto, <c>Resource…</c> and <c>Scope…</c> of each signal).
/// </summary>
internal static class OtlpScopes
{
    public delegate void ItemHandler(ReadOnlySpan<byte> item, TelemetrySource source);

    /// <param name="request">One of the three <c>Export…ServiceRequest</c> messages.</param>
    /// <param name="onItem">Gets each span, log record or metric.</param>
    /// <exception cref="InvalidDataException">It isn't one.</exception>
    public static void Read(ReadOnlySpan<byte> request, ItemHandler onItem)
    {
        var reader = new ProtobufReader(request);
        while (reader.Next())
        {
            if (reader.Field == 1) ReadResource(reader.ReadBytes(), onItem);
            else reader.Skip();
        }
    }

    private static void ReadResource(ReadOnlySpan<byte> message, ItemHandler onItem)
    {
        // The resource may come after its scopes: protobuf promises no order.
        var (resource, replica) = ("unknown_service", (string?)null);
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 1) (resource, replica) = ReadIdentity(reader.ReadBytes(), resource);
            else reader.Skip();
        }

        reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 2) ReadScope(reader.ReadBytes(), resource, replica ?? resource, onItem);
            else reader.Skip();
        }
    }

    private static (string Resource, string? Replica) ReadIdentity(ReadOnlySpan<byte> message, string unknown)
    {
        var (resource, replica) = (unknown, (string?)null);
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field != 1)
            {
                reader.Skip();
                continue;
            }

            var (key, value) = OtlpAttributes.Read(reader.ReadBytes());
            if (key == "service.name") resource = value;
            else if (key == "service.instance.id") replica = value;
        }

        return (resource, replica);
    }

    private static void ReadScope(ReadOnlySpan<byte> message, string resource, string replica, ItemHandler onItem)
    {
        var scope = "";
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 1) scope = ReadScopeName(reader.ReadBytes());
            else reader.Skip();
        }

        var source = new TelemetrySource(resource, replica, scope);
        reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 2) onItem(reader.ReadBytes(), source);
            else reader.Skip();
        }
    }

    private static string ReadScopeName(ReadOnlySpan<byte> message)
    {
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 1) return reader.ReadString();
            reader.Skip();
        }

        return "";
    }
}
