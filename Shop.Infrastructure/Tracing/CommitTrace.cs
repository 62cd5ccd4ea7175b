namespace Shop.Infrastructure.Tracing;

/// <summary>How a commit for many orders shows: once in a trace of its own, and in the trace of each that is sampled.</summary>
internal static class CommitTrace
{
    /// <summary>The attribute by which an order's trace is found.</summary>
    public const string OrderIdTag = "shop.order.id";

    /// <summary>How a place in a trace ends when no flag is set (https://www.w3.org/TR/trace-context/).</summary>
    private const string NothingSet = "-00";

    /// <summary>
    /// What many orders share, in a trace of its own that is linked to those of all of them; null when none of them is
    /// sampled, which is the rule under load.
    /// </summary>
    /// <param name="source">The module's.</param>
    /// <param name="name">Of the commit.</param>
    /// <param name="traceParents">The orders' places in their traces.</param>
    public static Activity? Start(ActivitySource source, string name, IEnumerable<string?> traceParents)
    {
        List<ActivityLink>? links = null;
        foreach (var traceParent in traceParents)
        {
            if (SampledContext(traceParent) is { } context)
                (links ??= []).Add(new ActivityLink(context));
        }

        return links is null ? null : source.StartActivity(ActivityKind.Internal, links: links, name: name);
    }

    /// <summary>In an order's own trace: that the database wrote it, from when to now, with a link to what it shared with others.</summary>
    /// <param name="source">The module's.</param>
    /// <param name="name">Of what was written.</param>
    /// <param name="traceParent">The order's place in its trace.</param>
    /// <param name="start">When its commit began.</param>
    /// <param name="orderId">Which order.</param>
    /// <param name="batchSize">How many were written together.</param>
    /// <param name="commit">From <see cref="Start"/>.</param>
    public static void RecordWrite(
        ActivitySource source, string name, string? traceParent, DateTimeOffset start, Guid orderId, int batchSize, Activity commit)
    {
        if (SampledContext(traceParent) is not { } context)
            return;
        using var span = source.StartActivity(
            ActivityKind.Client, context, startTime: start, name: name, links: [new ActivityLink(commit.Context)]);
        span?.SetTag("db.system.name", "postgresql").SetTag("db.namespace", "shopdb").SetTag("db.operation.batch.size", batchSize)
            .SetTag(OrderIdTag, orderId.ToString());
    }

    // Under load nearly none is sampled, and reading the identifiers costs more than looking at the end.
    private static ActivityContext? SampledContext(string? traceParent) =>
        traceParent?.EndsWith(NothingSet, StringComparison.Ordinal) is false && ActivityContext.TryParse(traceParent, null, out var context)
            && context.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? context : null;
}
