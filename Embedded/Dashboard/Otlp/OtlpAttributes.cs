using System.Globalization;
using System.Text;

namespace Embedded.Dashboard.Otlp;

/// <summary>Attributes as people read them: <c>opentelemetry.proto.common.v1</c>'s KeyValue and AnyValue.</summary>
internal static class OtlpAttributes
{
    /// <summary>A value longer than this is cut; a page is no place for more.</summary>
    private const int LongestValue = 16 * 1024;

    /// <summary>Values may hold values; nobody nests deeper who doesn't mean harm.</summary>
    private const int DeepestValue = 16;

    /// <param name="keyValue">The message <c>KeyValue</c>.</param>
    public static KeyValuePair<string, string> Read(ReadOnlySpan<byte> keyValue)
    {
        var (key, value) = ("", "");
        var reader = new ProtobufReader(keyValue);
        while (reader.Next())
        {
            if (reader.Field == 1) key = reader.ReadString();
            else if (reader.Field == 2) value = ReadValue(reader.ReadBytes());
            else reader.Skip();
        }

        return new(key, value);
    }

    /// <param name="anyValue">The message <c>AnyValue</c>.</param>
    public static string ReadValue(ReadOnlySpan<byte> anyValue)
    {
        var text = new StringBuilder();
        Write(anyValue, text, depth: 0);
        return text.Length > LongestValue ? text.ToString(0, LongestValue) + "…" : text.ToString();
    }

    private static void Write(ReadOnlySpan<byte> anyValue, StringBuilder text, int depth)
    {
        if (depth > DeepestValue) throw new InvalidDataException("This is not a value of OTLP: it is nested too deeply.");

        var reader = new ProtobufReader(anyValue);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    text.Append(reader.ReadString());
                    break;
                case 2:
                    text.Append(reader.ReadVarint() == 0 ? "false" : "true");
                    break;
                case 3:
                    text.Append(CultureInfo.InvariantCulture, $"{(long)reader.ReadVarint()}");
                    break;
                case 4:
                    text.Append(CultureInfo.InvariantCulture, $"{reader.ReadDouble()}");
                    break;
                case 5:
                    WriteList(reader.ReadBytes(), text, depth, "[]");
                    break;
                case 6:
                    WriteList(reader.ReadBytes(), text, depth, "{}");
                    break;
                case 7:
                    text.Append(Convert.ToHexStringLower(reader.ReadBytes()));
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }

    private static void WriteList(ReadOnlySpan<byte> list, StringBuilder text, int depth, string brackets)
    {
        text.Append(brackets[0]);
        var first = true;
        var reader = new ProtobufReader(list);
        while (reader.Next())
        {
            if (reader.Field != 1)
            {
                reader.Skip();
                continue;
            }

            if (!first) text.Append(", ");
            first = false;
            if (brackets == "[]") Write(reader.ReadBytes(), text, depth + 1);
            else WriteEntry(reader.ReadBytes(), text, depth);
        }

        text.Append(brackets[1]);
    }

    private static void WriteEntry(ReadOnlySpan<byte> keyValue, StringBuilder text, int depth)
    {
        var reader = new ProtobufReader(keyValue);
        while (reader.Next())
        {
            if (reader.Field == 1) text.Append(reader.ReadString()).Append(": ");
            else if (reader.Field == 2) Write(reader.ReadBytes(), text, depth + 1);
            else reader.Skip();
        }
    }
}
