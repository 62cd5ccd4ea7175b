using System.Text.Json.Serialization;

namespace Shop.Web.Api;

/// <summary>Reads a list of SKUs given as strings or as objects with a property <c>sku</c>.</summary>
internal sealed class SkuListConverter : JsonConverter<IReadOnlyList<string>>
{
    public override IReadOnlyList<string>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        if (document.RootElement.ValueKind != JsonValueKind.Array)
            return null;
        return [.. document.RootElement.EnumerateArray().Select(SkuOf).OfType<string>()];
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<string> value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var sku in value)
            writer.WriteStringValue(sku);
        writer.WriteEndArray();
    }

    private static string? SkuOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Object when element.TryGetProperty("sku", out var sku) => sku.GetString(),
        _ => null,
    };
}
