using System.Buffers;

namespace Shop.Infrastructure.Messaging;

/// <summary>A message's payload as people may see it: whoever looks after messages has no business with cards.</summary>
public static class RedactedPayload
{
    private const string Hidden = "***";

    private static readonly string[] Secrets = ["paymentToken"];

    /// <summary>Whether something was taken out of a payload by <see cref="Of"/>.</summary>
    public static bool IsWithoutSecrets(string shown) =>
        Secrets.Any(secret => shown.Contains($"\"{secret}\":\"{Hidden}\"", StringComparison.OrdinalIgnoreCase));

    /// <returns>The JSON without its secrets. Of what is no JSON only its size: nobody can say what is secret in it.</returns>
    public static string Of(ReadOnlySpan<byte> payload)
    {
        var shown = new ArrayBufferWriter<byte>();
        try
        {
            using var writer = new Utf8JsonWriter(shown);
            var reader = new Utf8JsonReader(payload);
            while (reader.Read())
                Copy(ref reader, writer);
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            return $"({payload.Length} bytes that are no JSON)";
        }

        return Encoding.UTF8.GetString(shown.WrittenSpan);
    }

    private static void Copy(ref Utf8JsonReader reader, Utf8JsonWriter writer)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName:
                var name = reader.GetString()!;
                writer.WritePropertyName(name);
                if (Secrets.Contains(name, StringComparer.OrdinalIgnoreCase))
                {
                    reader.Skip();
                    writer.WriteStringValue(Hidden);
                }

                break;
            case JsonTokenType.StartObject:
                writer.WriteStartObject();
                break;
            case JsonTokenType.EndObject:
                writer.WriteEndObject();
                break;
            case JsonTokenType.StartArray:
                writer.WriteStartArray();
                break;
            case JsonTokenType.EndArray:
                writer.WriteEndArray();
                break;
            case JsonTokenType.String:
                writer.WriteStringValue(reader.GetString());
                break;
            default:
                // Numbers, true, false and null, as they are written.
                writer.WriteRawValue(reader.ValueSpan);
                break;
        }
    }
}
