using System.Diagnostics.Metrics;
using Shop.Domain.Payments;
using Shop.Infrastructure.Ordering;

namespace Shop.Infrastructure.Payments;

/// <summary>
/// The traces of the questions to the payment provider, and what is counted of them; docs/observability.md says what each tells.
/// </summary>
public static class PaymentsTelemetry
{
    public const string Name = "Shop.Payments";

    /// <summary>The attribute that says what the provider was asked for.</summary>
    public const string OperationTag = "shop.operation";

    /// <summary>The attribute that says what came of it.</summary>
    public const string OutcomeTag = "shop.outcome";

    internal const string Charge = "charge";
    internal const string Capture = "capture";
    internal const string Refund = "refund";
    internal const string Find = "find";

    /// <summary>The money was taken, held or given back, as it was asked for.</summary>
    internal const string Succeeded = "succeeded";

    /// <summary>The provider failed.</summary>
    internal const string Failed = "failed";

    /// <summary>The provider didn't answer in time: what came of it isn't known.</summary>
    internal const string Unknown = "unknown";

    /// <summary>The provider wasn't even asked, since it keeps failing.</summary>
    internal const string CircuitOpen = "circuit_open";

    internal static readonly ActivitySource Source = new(Name);

    private static readonly Meter Meter = new(Name);

    private static readonly Counter<long> Attempts = Meter.CreateCounter<long>(
        "shop.payments.attempts", "{attempt}", "Questions to the payment provider, by what was asked and what came of it.");

    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>(
        "shop.payments.duration", "s", "How long the payment provider took to answer, to fail or to be given up.", tags: null,
        // Up to the longest time-out that can be configured.
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60] });

    /// <summary>The span of one question; null when nobody listens.</summary>
    /// <param name="provider">Who is asked.</param>
    /// <param name="orderId">Whose payment it is about.</param>
    internal static Activity? Start(string operation, string provider, Guid orderId) =>
        Source.StartActivity(operation, ActivityKind.Client)?.SetTag("peer.service", provider)
            .SetTag(OrderingTelemetry.OrderIdTag, orderId.ToString());

    /// <summary>Counts one question.</summary>
    /// <param name="duration">Null when the provider wasn't asked.</param>
    internal static void Count(string operation, string outcome, TimeSpan? duration)
    {
        var asked = new KeyValuePair<string, object?>(OperationTag, operation);
        Attempts.Add(1, asked, new KeyValuePair<string, object?>(OutcomeTag, outcome));
        if (duration is { } took)
            Duration.Record(took.TotalSeconds, asked);
    }

    /// <summary>How an answer about a charge is counted.</summary>
    /// <param name="answer">Null when the provider knows of no such charge.</param>
    internal static string OutcomeOf(ChargeResult? answer) => answer?.Outcome switch
    {
        ChargeOutcome.Captured or ChargeOutcome.Authorized => Succeeded,
        ChargeOutcome.Refused => "declined",
        ChargeOutcome.Returned => "returned",
        ChargeOutcome.Undecided => "undecided",
        null => "not_found",
        _ => throw new ArgumentOutOfRangeException(nameof(answer), answer.Outcome, "This outcome has no name yet."),
    };
}
