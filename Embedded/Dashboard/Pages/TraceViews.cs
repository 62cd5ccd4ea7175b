using System.Text;
using Embedded.Dashboard.Otlp;
using Embedded.Dashboard.Telemetry;

namespace Embedded.Dashboard.Pages;

/// <summary>Traces as the pages want them.</summary>
internal sealed class TraceViews(TelemetryStore store)
{
    /// <summary>As many as a list shows at most.</summary>
    private const int MostListed = 2_000;

    /// <param name="resource">Only traces in which this resource has a span.</param>
    /// <param name="text">Only traces with this in an id, a name or an attribute of one of their spans.</param>
    /// <param name="errors">Only traces with an error.</param>
    /// <param name="minMs">Only traces that took as long, milliseconds.</param>
    /// <param name="order">Which come first, of all that fit.</param>
    /// <param name="limit">How many at most; 1 to 2,000.</param>
    /// <returns>The first of them, and how many fit.</returns>
    public object List(string? resource, string? text, bool errors, double minMs, TraceOrder order, int limit)
    {
        var needle = string.IsNullOrWhiteSpace(text) ? [] : Encoding.UTF8.GetBytes(text.Trim());
        var fitting = store.Spans.NewestFirst()
            .Where(spans => string.IsNullOrEmpty(resource) || spans.Any(span => span.Source.Resource == resource))
            .Where(spans => !errors || spans.Any(span => span.IsError))
            .Where(spans => minMs <= 0 || DurationOf(spans).TotalMilliseconds >= minMs)
            .Where(spans => needle.Length == 0 || spans.Any(span => Mentions(span, needle, text!.Trim())))
            .ToList();
        var ordered = order switch
        {
            TraceOrder.Slowest => fitting.OrderByDescending(DurationOf),
            TraceOrder.MostSpans => fitting.OrderByDescending(spans => spans.Count),
            _ => fitting.AsEnumerable(),
        };
        return new
        {
            Items = ordered.Take(Math.Clamp(limit, 1, MostListed)).Select(Summary).ToList(),
            Total = fitting.Count,
            Most = MostListed,
        };
    }

    /// <returns>Null when there is no such trace.</returns>
    public object? Find(string id)
    {
        if (id.Length != 32 || !UInt128.TryParse(id, System.Globalization.NumberStyles.HexNumber, null, out var traceId)) return null;

        var spans = store.Spans.Find(traceId);
        if (spans.Count == 0) return null;

        var start = spans.Min(span => span.Start);
        return new
        {
            TraceId = id,
            StartedAt = Moment.Of(start),
            DurationMs = DurationOf(spans).TotalMilliseconds,
            Spans = spans.OrderBy(span => span.Start).Select(span => Detailed(span, start)).ToList(),
            Logs = store.Logs.NewestFirst().Where(log => log.TraceId == traceId).Reverse().Select(LogViews.View).ToList(),
        };
    }

    private static object Summary(IReadOnlyList<StoredSpan> spans)
    {
        var root = spans.FirstOrDefault(span => span.ParentId == 0) ?? spans.MinBy(span => span.Start)!;
        return new
        {
            TraceId = Moment.Hex(root.TraceId),
            root.Name,
            StartedAt = Moment.Of(spans.Min(span => span.Start)),
            DurationMs = DurationOf(spans).TotalMilliseconds,
            SpanCount = spans.Count,
            ErrorCount = spans.Count(span => span.IsError),
            Resources = spans.GroupBy(span => span.Source.Resource).Select(group => new { Name = group.Key, Count = group.Count() }).ToList(),
        };
    }

    private static object Detailed(StoredSpan span, ulong start)
    {
        var details = SpanDetails.Of(span);
        return new
        {
            SpanId = Moment.Hex(span.SpanId),
            ParentId = span.ParentId == 0 ? null : Moment.Hex(span.ParentId),
            span.Name,
            details.Kind,
            span.Source.Resource,
            span.Source.Replica,
            span.Source.Scope,
            OffsetMs = Moment.Milliseconds(start, span.Start),
            DurationMs = span.Duration.TotalMilliseconds,
            details.Status,
            details.StatusMessage,
            Attributes = Moment.Pairs(details.Attributes),
            Events = details.Events.Select(happened => new
            {
                happened.Name,
                OffsetMs = Moment.Milliseconds(start, happened.Time),
                Attributes = Moment.Pairs(happened.Attributes),
            }).ToList(),
            Links = details.Links.Select(link => new
            {
                TraceId = Moment.Hex(link.TraceId),
                SpanId = Moment.Hex(link.SpanId),
                Attributes = Moment.Pairs(link.Attributes),
            }).ToList(),
        };
    }

    private static TimeSpan DurationOf(IReadOnlyList<StoredSpan> spans) =>
        TimeSpan.FromMilliseconds(Moment.Milliseconds(spans.Min(span => span.Start), spans.Max(span => span.End)));

    // Names and attributes stand in the message as they are; ids don't, they are bytes there.
    private static bool Mentions(StoredSpan span, byte[] needle, string text) =>
        span.Message.AsSpan().IndexOf(needle) >= 0
        || Moment.Hex(span.TraceId).Contains(text, StringComparison.OrdinalIgnoreCase)
        || span.Name.Contains(text, StringComparison.OrdinalIgnoreCase);
}
