using System.Diagnostics.Metrics;
using Shop.Infrastructure.Messaging;

namespace Shop.Worker.Backlog;

/// <summary>What waits at the last look, for meters. What isn't known is not reported, rather than reported as it once was.</summary>
internal sealed class BacklogGauges
{
    private volatile MessagingBacklog? _messages;
    private volatile IReadOnlyDictionary<string, uint>? _queues;
    private volatile OversoldSkus? _oversold;

    public BacklogGauges(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var messaging = meters.Create(MessagingTelemetry.Name);
        messaging.CreateObservableGauge("shop.outbox.depth", () => Known(_messages?.Outbox), "{message}", "Events that wait to be published.");
        messaging.CreateObservableGauge("shop.outbox.age", () => Known(_messages?.OldestAge.TotalSeconds), "s", "Since the oldest event that waits happened; 0 when none does.");
        messaging.CreateObservableGauge("shop.dead_letters", () => Known(_messages?.DeadLetters), "{message}", "Messages that were given up and wait for a person.");
        messaging.CreateObservableGauge(
            "shop.queue.depth",
            () => (_queues ?? new Dictionary<string, uint>()).Select(queue => new Measurement<long>(queue.Value, new KeyValuePair<string, object?>("queue", queue.Key))),
            "{message}", "Messages that wait in a queue for a consumer.");
        meters.Create("Shop.Inventory").CreateObservableGauge("shop.stock.oversold", () => Known(_oversold?.Skus), "{sku}", "SKUs of which more is promised than there is; always 0.");
    }

    public void Messages(MessagingBacklog? backlog) => _messages = backlog;

    /// <summary>Messages by queue.</summary>
    public void Queues(IReadOnlyDictionary<string, uint>? depths) => _queues = depths;

    public void Oversold(long? skus) => _oversold = skus is { } count ? new OversoldSkus(count) : null;

    private static Measurement<T>[] Known<T>(T? value)
        where T : struct => value is { } known ? [new Measurement<T>(known)] : [];

    // A reference, so that it is read and written whole.
    private sealed record OversoldSkus(long Skus);
}
