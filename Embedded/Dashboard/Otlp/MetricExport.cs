using Embedded.Dashboard.Telemetry;

namespace Embedded.Dashboard.Otlp;

/// <summary>Reads <c>ExportMetricsServiceRequest</c>.</summary>
internal static class MetricExport
{
    private const int DeltaTemporality = 1;

    public static void Read(ReadOnlySpan<byte> request, TelemetryStore store) =>
        OtlpScopes.Read(request, (metric, source) => ReadMetric(metric, source, store.Metrics));

    private static void ReadMetric(ReadOnlySpan<byte> message, TelemetrySource source, MetricStore metrics)
    {
        var (name, description, unit) = ("", "", "");
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 1) name = reader.ReadString();
            else if (reader.Field == 2) description = reader.ReadString();
            else if (reader.Field == 3) unit = reader.ReadString();
            else reader.Skip();
        }

        reader = new ProtobufReader(message);
        while (reader.Next())
        {
            // Gauge, sum, histogram, exponential histogram. Summaries are a legacy that no SDK makes.
            if (reader.Field is not (5 or 7 or 9 or 10))
            {
                reader.Skip();
                continue;
            }

            var form = reader.Field;
            var data = reader.ReadBytes();
            var (isDelta, isMonotonic) = ReadAggregation(data);
            var kind = form switch
            {
                5 => InstrumentKind.Gauge,
                7 => isMonotonic ? InstrumentKind.Counter : InstrumentKind.UpDown,
                _ => InstrumentKind.Histogram,
            };
            ReadPoints(data, form, new Instrument(new InstrumentKey(source.Resource, source.Scope, name), unit, description, kind), source.Replica, isDelta, metrics);
        }
    }

    private static (bool IsDelta, bool IsMonotonic) ReadAggregation(ReadOnlySpan<byte> data)
    {
        var (isDelta, isMonotonic) = (false, false);
        var reader = new ProtobufReader(data);
        while (reader.Next())
        {
            if (reader.Field == 2) isDelta = reader.ReadVarint() == DeltaTemporality;
            else if (reader.Field == 3) isMonotonic = reader.ReadVarint() != 0;
            else reader.Skip();
        }

        return (isDelta, isMonotonic);
    }

    private static void ReadPoints(ReadOnlySpan<byte> data, int form, Instrument instrument, string replica, bool isDelta, MetricStore metrics)
    {
        var reader = new ProtobufReader(data);
        while (reader.Next())
        {
            if (reader.Field != 1)
            {
                reader.Skip();
                continue;
            }

            var attributes = new List<KeyValuePair<string, string>>();
            var point = form switch
            {
                9 => ReadHistogram(reader.ReadBytes(), attributes),
                10 => ReadExponentialHistogram(reader.ReadBytes(), attributes),
                _ => ReadNumber(reader.ReadBytes(), attributes),
            };
            metrics.Add(instrument, replica, attributes, point, isDelta);
        }
    }

    private static MetricPoint ReadNumber(ReadOnlySpan<byte> message, List<KeyValuePair<string, string>> attributes)
    {
        var (time, value) = (0UL, 0.0);
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 7) attributes.Add(OtlpAttributes.Read(reader.ReadBytes()));
            else if (reader.Field == 3) time = reader.ReadFixed64();
            else if (reader.Field == 4) value = reader.ReadDouble();
            else if (reader.Field == 6) value = (long)reader.ReadFixed64();
            else reader.Skip();
        }

        return new MetricPoint(time, value);
    }

    private static MetricPoint ReadHistogram(ReadOnlySpan<byte> message, List<KeyValuePair<string, string>> attributes)
    {
        var (time, sum) = (0UL, 0.0);
        var (counts, bounds) = (new List<ulong>(), new List<ulong>());
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 9) attributes.Add(OtlpAttributes.Read(reader.ReadBytes()));
            else if (reader.Field == 3) time = reader.ReadFixed64();
            else if (reader.Field == 5) sum = reader.ReadDouble();
            else if (reader.Field == 6) reader.ReadFixed64s(counts);
            else if (reader.Field == 7) reader.ReadFixed64s(bounds);
            else reader.Skip();
        }

        if (counts.Count > 0 && counts.Count != bounds.Count + 1)
            throw new InvalidDataException($"This is not a histogram of OTLP: it has {bounds.Count} bounds and {counts.Count} buckets.");

        return new MetricPoint(time, 0, new HistogramPoint(sum, [.. bounds.Select(BitConverter.UInt64BitsToDouble)], [.. counts]));
    }

    /// <summary>https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram; its positive half, as nothing measured here is negative.</summary>
    private static MetricPoint ReadExponentialHistogram(ReadOnlySpan<byte> message, List<KeyValuePair<string, string>> attributes)
    {
        var (time, sum, scale, zeros, offset) = (0UL, 0.0, 0, 0UL, 0);
        var counts = new List<ulong>();
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 1) attributes.Add(OtlpAttributes.Read(reader.ReadBytes()));
            else if (reader.Field == 3) time = reader.ReadFixed64();
            else if (reader.Field == 5) sum = reader.ReadDouble();
            else if (reader.Field == 6) scale = reader.ReadZigZag();
            else if (reader.Field == 7) zeros = reader.ReadFixed64();
            else if (reader.Field == 8) offset = ReadBuckets(reader.ReadBytes(), counts);
            else reader.Skip();
        }

        // Bucket i reaches up to base^(offset + i + 1), with base = 2^(2^-scale).
        var width = Math.Pow(2, -scale);
        double[] bounds = [Math.Pow(2, offset * width), .. Enumerable.Range(1, counts.Count).Select(index => Math.Pow(2, (offset + index) * width))];
        return new MetricPoint(time, 0, new HistogramPoint(sum, bounds, [zeros, .. counts, 0]));
    }

    private static int ReadBuckets(ReadOnlySpan<byte> message, List<ulong> counts)
    {
        var offset = 0;
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 1) offset = reader.ReadZigZag();
            else if (reader.Field == 2) reader.ReadVarints(counts);
            else reader.Skip();
        }

        return offset;
    }
}
