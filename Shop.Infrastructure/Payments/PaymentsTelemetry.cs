using System.Diagnostics;
using System.Diagnostics.Metrics;
using Shop.Domain.Payments;

namespace Shop.Infrastructure.Payments;

/// <summary>The traces and meters of payments; docs/observability.md says what each tells.</summary>
public static class PaymentsTelemetry
{
    public const string Name = "Shop.Payments";

    private const string OperationTag = "shop.operation";
    private const string OutcomeTag = "shop.outcome";

    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);

    private static readonly Counter<long> Attempts = Meter.CreateCounter<long>("shop.payments.attempts", "{attempt}", "Requests to the payment provider, by operation and outcome.");

    private static readonly Histogram<double> Duration = Meter.CreateHistogram(
        "shop.payments.duration", "s", "One request to the payment provider.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] });

    /// <summary>Traces, times and counts one request to the provider.</summary>
    /// <param name="operation">charge, capture, refund or find.</param>
    /// <param name="provider">The provider's name.</param>
    /// <param name="orderId">Whose payment.</param>
    /// <param name="ask">The request.</param>
    internal static async Task<TResult> MeasureAsync<TResult>(string operation, string provider, Guid orderId, Func<Task<TResult>> ask)
    {
        using var span = Source.StartActivity(operation, ActivityKind.Client);
        span?.SetTag("peer.service", provider).SetTag("shop.order.id", orderId.ToString());
        var start = Stopwatch.GetTimestamp();
        var outcome = "failed";
        try
        {
            var result = await ask();
            outcome = OutcomeOf(result);
            return result;
        }
        catch (Exception failure)
        {
            span?.SetStatus(ActivityStatusCode.Error, failure.Message);
            throw;
        }
        finally
        {
            span?.SetTag(OutcomeTag, outcome);
            Attempts.Add(1, new KeyValuePair<string, object?>(OperationTag, operation), new KeyValuePair<string, object?>(OutcomeTag, outcome));
            Duration.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, new KeyValuePair<string, object?>(OperationTag, operation));
        }
    }

    private static string OutcomeOf<TResult>(TResult result) => result switch
    {
        ChargeResult charge => charge.Outcome switch
        {
            ChargeOutcome.Captured or ChargeOutcome.Authorized => "succeeded",
            ChargeOutcome.Refused => "declined",
            ChargeOutcome.Returned => "returned",
            _ => "unknown",
        },
        null => "unknown",
        _ => "succeeded",
    };
}
