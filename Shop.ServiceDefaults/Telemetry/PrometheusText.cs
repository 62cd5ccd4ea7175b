using System.Globalization;
using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Shop.ServiceDefaults.Telemetry;

/// <summary>
/// Metrics in Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/), named after
/// https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/.
/// </summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private static readonly Dictionary<string, string> Units = new(StringComparer.Ordinal)
    {
        ["s"] = "seconds",
        ["ms"] = "milliseconds",
        ["By"] = "bytes",
        ["%"] = "percent",
        ["1"] = "ratio",
    };

    public static string Write(IEnumerable<Metric> metrics, Resource resource)
    {
        var text = new StringBuilder();
        WriteTarget(text, resource);
        // A name's series must stand together, whichever meters they come from.
        foreach (var family in metrics.GroupBy(NameOf, StringComparer.Ordinal).OrderBy(family => family.Key, StringComparer.Ordinal))
        {
            var first = family.First();
            text.Append(CultureInfo.InvariantCulture, $"# HELP {family.Key} {EscapeHelp(first.Description)}\n# TYPE {family.Key} {TypeOf(first.MetricType)}\n");
            // A name must mean one thing: what has the same name and another type is left out rather than making the whole scrape unreadable.
            foreach (var metric in family.Where(metric => TypeOf(metric.MetricType) == TypeOf(first.MetricType)))
            {
                foreach (ref readonly var point in metric.GetMetricPoints())
                    WritePoint(text, family.Key, metric, point);
            }
        }

        return text.ToString();
    }

    /// <summary>The instrument's name by Prometheus' customs: <c>shop.intake.commit.duration</c> in <c>s</c> is <c>shop_intake_commit_duration_seconds</c>.</summary>
    public static string NameOf(string instrument, string unit, bool isCounter, bool isGauge)
    {
        var name = new StringBuilder();
        foreach (var letter in instrument)
        {
            var valid = char.IsAsciiLetterOrDigit(letter) || letter == ':' ? letter : '_';
            if (valid != '_' || name is not [.., '_']) name.Append(valid);
        }

        if (name.Length == 0 || char.IsAsciiDigit(name[0])) name.Insert(0, '_');
        if (UnitOf(unit, isGauge) is { } suffix && !name.ToString().EndsWith($"_{suffix}", StringComparison.Ordinal)) name.Append('_').Append(suffix);
        if (isCounter && !name.ToString().EndsWith("_total", StringComparison.Ordinal)) name.Append("_total");
        return name.ToString();
    }

    private static string NameOf(Metric metric) => NameOf(metric.Name, metric.Unit, TypeOf(metric.MetricType) == "counter", TypeOf(metric.MetricType) == "gauge");

    // What is counted, in braces, is part of no name.
    private static string? UnitOf(string unit, bool isGauge) =>
        unit.Length == 0 || unit.StartsWith('{') || (unit == "1" && !isGauge) ? null
        : Units.TryGetValue(unit, out var known) ? known
        : unit.Split('/') is [var left, var right] ? $"{Units.GetValueOrDefault(left, left)}_per_{(right == "s" ? "second" : right)}"
        : unit;

    private static string TypeOf(MetricType type) => type switch
    {
        MetricType.LongSum or MetricType.DoubleSum => "counter",
        MetricType.Histogram => "histogram",
        _ => "gauge",
    };

    private static void WriteTarget(StringBuilder text, Resource resource)
    {
        text.Append("# HELP target_info What sends these metrics.\n# TYPE target_info gauge\ntarget_info");
        WriteLabels(text, [.. resource.Attributes.Select(attribute => KeyValuePair.Create(attribute.Key, (object?)attribute.Value))]);
        text.Append(" 1\n");
    }

    private static void WritePoint(StringBuilder text, string name, Metric metric, in MetricPoint point)
    {
        List<KeyValuePair<string, object?>> labels = [KeyValuePair.Create("otel.scope.name", (object?)metric.MeterName)];
        foreach (var tag in point.Tags)
            labels.Add(tag);

        if (metric.MetricType == MetricType.Histogram)
        {
            WriteHistogram(text, name, labels, point);
            return;
        }

        text.Append(name);
        WriteLabels(text, labels);
        text.Append(' ').Append(Number(ValueOf(metric.MetricType, point))).Append('\n');
    }

    private static double ValueOf(MetricType type, in MetricPoint point) => type switch
    {
        MetricType.LongSum or MetricType.LongSumNonMonotonic => point.GetSumLong(),
        MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic => point.GetSumDouble(),
        MetricType.LongGauge => point.GetGaugeLastValueLong(),
        MetricType.DoubleGauge => point.GetGaugeLastValueDouble(),
        // An exponential histogram has no form of its own in this format.
        _ => point.GetHistogramSum(),
    };

    private static void WriteHistogram(StringBuilder text, string name, List<KeyValuePair<string, object?>> labels, in MetricPoint point)
    {
        var below = 0L;
        foreach (var bucket in point.GetHistogramBuckets())
        {
            below += bucket.BucketCount;
            text.Append(name).Append("_bucket");
            WriteLabels(text, [.. labels, KeyValuePair.Create("le", (object?)Number(bucket.ExplicitBound))]);
            text.Append(' ').Append(below).Append('\n');
        }

        text.Append(name).Append("_sum");
        WriteLabels(text, labels);
        text.Append(' ').Append(Number(point.GetHistogramSum())).Append('\n').Append(name).Append("_count");
        WriteLabels(text, labels);
        text.Append(' ').Append(point.GetHistogramCount()).Append('\n');
    }

    private static void WriteLabels(StringBuilder text, IReadOnlyList<KeyValuePair<string, object?>> labels)
    {
        text.Append('{');
        // Two attributes may become one label; the first stands.
        foreach (var (index, label) in labels.DistinctBy(label => LabelOf(label.Key), StringComparer.Ordinal).Index())
        {
            if (index > 0) text.Append(',');
            text.Append(LabelOf(label.Key)).Append("=\"").Append(EscapeLabel(ValueOf(label.Value))).Append('"');
        }

        text.Append('}');
    }

    private static string LabelOf(string attribute) => NameOf(attribute, "", isCounter: false, isGauge: false).Replace(':', '_');

    private static string ValueOf(object? value) => value switch
    {
        bool truth => truth ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string EscapeHelp(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string EscapeLabel(string text) => EscapeHelp(text).Replace("\"", "\\\"", StringComparison.Ordinal);
}
