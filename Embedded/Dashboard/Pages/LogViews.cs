using Embedded.Dashboard.Telemetry;

namespace Embedded.Dashboard.Pages;

/// <summary>Structured logs as the pages want them.</summary>
internal sealed class LogViews(TelemetryStore store)
{
    private const int MostListed = 1_000;
    private const int SeveritiesPerLevel = 4;

    private static readonly string[] Levels = ["Trace", "Debug", "Information", "Warning", "Error", "Critical"];

    /// <param name="resource">Only of this one.</param>
    /// <param name="level">Only this level and worse.</param>
    /// <param name="text">Only records with this in their message, category or an attribute.</param>
    /// <param name="trace">Only of this trace.</param>
    /// <param name="before">Only records older than this sequence number.</param>
    /// <param name="limit">How many at most.</param>
    public object List(string? resource, string? level, string? text, string? trace, long? before, int limit)
    {
        var least = Math.Max(0, Array.IndexOf(Levels, level));
        var listed = Math.Clamp(limit, 1, MostListed);
        var found = store.Logs.NewestFirst()
            .Where(log => before is null || log.Sequence < before)
            .Where(log => LevelOf(log) >= least)
            .Where(log => string.IsNullOrEmpty(resource) || log.Source.Resource == resource)
            .Where(log => string.IsNullOrEmpty(trace) || Moment.Hex(log.TraceId).Equals(trace, StringComparison.OrdinalIgnoreCase))
            .Where(log => string.IsNullOrWhiteSpace(text) || Mentions(log, text.Trim()))
            .Take(listed + 1)
            .ToList();
        return new { Items = found.Take(listed).Select(View).ToList(), More = found.Count > listed };
    }

    public static object View(StoredLog log)
    {
        var attributes = log.Attributes.ToLookup(attribute => attribute.Key, attribute => attribute.Value);
        var exception = attributes["exception.stacktrace"].FirstOrDefault() ?? attributes["exception.message"].FirstOrDefault();
        return new
        {
            Seq = log.Sequence,
            At = Moment.Of(log.Time),
            Level = Levels[LevelOf(log)],
            log.Source.Resource,
            log.Source.Replica,
            Category = log.Source.Scope,
            log.Message,
            EventId = log.EventName ?? attributes["logrecord.event.id"].FirstOrDefault(),
            TraceId = log.TraceId == 0 ? null : Moment.Hex(log.TraceId),
            SpanId = log.SpanId == 0 ? null : Moment.Hex(log.SpanId),
            Attributes = Moment.Pairs(log.Attributes.Where(attribute => attribute.Key != "exception.stacktrace")),
            Exception = exception,
        };
    }

    private static int LevelOf(StoredLog log) => Math.Clamp((log.Severity - 1) / SeveritiesPerLevel, 0, Levels.Length - 1);

    private static bool Mentions(StoredLog log, string text) =>
        log.Message.Contains(text, StringComparison.OrdinalIgnoreCase)
        || log.Source.Scope.Contains(text, StringComparison.OrdinalIgnoreCase)
        || log.Attributes.Any(attribute => attribute.Value.Contains(text, StringComparison.OrdinalIgnoreCase));
}
