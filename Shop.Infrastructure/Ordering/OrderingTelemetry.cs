using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Shop.Infrastructure.Ordering;

/// <summary>The traces and meters of orders; docs/observability.md says what each tells.</summary>
public static class OrderingTelemetry
{
    public const string Name = "Shop.Ordering";

    private const string ReasonTag = "shop.reason";

    public static readonly ActivitySource Source = new(Name);

    internal static readonly Meter Meter = new(Name);

    private static readonly Counter<long> Accepted = Meter.CreateCounter<long>("shop.orders.accepted", "{order}", "Orders that were accepted, each once however often it was asked for.");

    private static readonly Counter<long> Refused = Meter.CreateCounter<long>("shop.orders.refused", "{order}", "Orders that were refused, by reason.");

    private static readonly Counter<long> Confirmed = Meter.CreateCounter<long>("shop.orders.confirmed", "{order}", "Orders that were paid and confirmed.");

    private static readonly Counter<long> Cancelled = Meter.CreateCounter<long>("shop.orders.cancelled", "{order}", "Orders that were called off, by reason.");

    private static readonly Counter<long> Reserved = new Meter("Shop.Inventory").CreateCounter<long>("shop.stock.reserved", "{piece}", "Pieces that accepted orders have reserved.");

    private static readonly Histogram<double> TimeToConfirm = Meter.CreateHistogram(
        "shop.orders.time_to_confirm", "s", "From an order's acceptance to its confirmation.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900] });

    private static readonly Histogram<int> BatchSize = Meter.CreateHistogram(
        "shop.intake.batch.size", "{order}", "Orders decided and written by one transaction.",
        advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256] });

    private static readonly Histogram<double> CommitDuration = Meter.CreateHistogram(
        "shop.intake.commit.duration", "s", "A batch of orders from taking its connection to its commit.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5] });

    /// <summary>An order that never got as far as the intake: <c>sold_out</c> by the gate, <c>full</c>.</summary>
    public static void CountRefusal(string reason) => Refused.Add(1, new KeyValuePair<string, object?>(ReasonTag, reason));

    /// <summary>After the commit, so that nothing is counted that was taken back.</summary>
    internal static void CountBatch(IReadOnlyList<IntakeItem> items, IReadOnlyList<IntakeResult> results, TimeSpan took)
    {
        BatchSize.Record(results.Count);
        CommitDuration.Record(took.TotalSeconds);
        var (accepted, pieces) = (0, 0L);
        for (var index = 0; index < results.Count; index++)
        {
            if (results[index] is IntakeResult.Accepted { Replayed: false })
            {
                accepted++;
                foreach (var quantity in items[index].Request.Quantities.Values)
                    pieces += quantity;
            }
            else if (ReasonOf(results[index]) is { } reason)
            {
                CountRefusal(reason);
            }
        }

        if (accepted == 0)
            return;
        Accepted.Add(accepted);
        Reserved.Add(pieces);
    }

    internal static void CountConfirmed(TimeSpan afterAcceptance)
    {
        Confirmed.Add(1);
        TimeToConfirm.Record(afterAcceptance.TotalSeconds);
    }

    /// <param name="reason"><c>payment_refused</c>, or <c>called_off</c> by customer, shop or time.</param>
    internal static void CountCancelled(string reason) => Cancelled.Add(1, new KeyValuePair<string, object?>(ReasonTag, reason));

    /// <summary>
    /// What many orders share, in a trace of its own that is linked to those of all of them; null when none of them is
    /// sampled, which is the rule under load.
    /// </summary>
    /// <param name="name">Of the commit.</param>
    /// <param name="traceParents">The orders' places in their traces.</param>
    internal static Activity? StartCommit(string name, IEnumerable<string?> traceParents)
    {
        List<ActivityLink>? links = null;
        foreach (var traceParent in traceParents)
        {
            if (SampledContext(traceParent) is { } context)
                (links ??= []).Add(new ActivityLink(context));
        }

        return links is null ? null : Source.StartActivity(ActivityKind.Internal, links: links, name: name);
    }

    /// <summary>In an order's own trace: that the database wrote it, from when to now, with a link to what it shared with others.</summary>
    internal static void TellWritten(string name, string? traceParent, DateTimeOffset start, Guid orderId, int batchSize, Activity? commit)
    {
        if (SampledContext(traceParent) is not { } context)
            return;
        using var span = Source.StartActivity(
            ActivityKind.Client, context, startTime: start, name: name, links: commit is null ? null : [new ActivityLink(commit.Context)]);
        span?.SetTag("db.system.name", "postgresql").SetTag("db.namespace", "shopdb").SetTag("db.operation.batch.size", batchSize).SetTag("shop.order.id", orderId.ToString());
    }

    private static ActivityContext? SampledContext(string? traceParent) =>
        traceParent is not null && ActivityContext.TryParse(traceParent, null, out var context) && context.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? context : null;

    private static string? ReasonOf(IntakeResult result) => result switch
    {
        IntakeResult.SoldOut => "out_of_stock",
        IntakeResult.OverLimit => "limit",
        IntakeResult.UnknownSkus => "unknown_sku",
        IntakeResult.KeyReused => "key_reused",
        _ => null,
    };
}
