using System.Buffers.Binary;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Shop.Infrastructure.Messaging;

/// <summary>The traces and counters of messages on their way.</summary>
public static class MessagingTelemetry
{
    public const string Name = "Shop.Messaging";

    private const int TimeOrderedVersion = 7;

    public static readonly ActivitySource Source = new(Name);

    internal static readonly Meter Meter = new(Name);

    /// <summary>Events that a queue has taken.</summary>
    public static readonly Counter<long> Published = Meter.CreateCounter<long>("shop.messaging.published", "{message}", "Events that a queue has taken.");

    /// <summary>Events that came back, because no queue took them or the broker refused them.</summary>
    public static readonly Counter<long> Refused = Meter.CreateCounter<long>("shop.messaging.refused", "{message}", "Events that came back: no queue took them, or the broker refused them.");

    /// <summary>Events that were tried too often and now wait for a person.</summary>
    public static readonly Counter<long> Parked = Meter.CreateCounter<long>("shop.messaging.parked", "{message}", "Events that were tried too often and wait for a person.");

    /// <summary>Messages whose effect is committed; tag <c>queue</c>.</summary>
    public static readonly Counter<long> Handled = Meter.CreateCounter<long>("shop.messaging.handled", "{message}", "Messages whose effect is committed, by queue.");

    /// <summary>Messages that failed and are tried again later; tag <c>queue</c>.</summary>
    public static readonly Counter<long> Retried = Meter.CreateCounter<long>("shop.messaging.retried", "{message}", "Messages that failed and are tried again later, by queue.");

    /// <summary>Messages that were given up; tag <c>queue</c>.</summary>
    public static readonly Counter<long> Died = Meter.CreateCounter<long>("shop.messaging.died", "{message}", "Messages that were given up, by queue.");

    /// <summary>From an event to its effect in a queue's module; tag <c>queue</c>.</summary>
    private static readonly Histogram<double> Lag = Meter.CreateHistogram(
        "shop.messaging.lag", "s", "From an event to the commit of its effect, by queue.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900] });

    private static readonly Counter<long> Duplicates = Meter.CreateCounter<long>("shop.inbox.duplicates", "{message}", "Messages that were delivered again and had no second effect, by queue.");

    /// <summary>A message's effect is committed.</summary>
    /// <param name="messageId">An event's id is a UUID of version 7, which begins with the moment it was made (RFC 9562).</param>
    /// <param name="now">The moment of the commit.</param>
    /// <param name="queue">The tag <c>queue</c>.</param>
    public static void CountHandled(Guid messageId, DateTimeOffset now, KeyValuePair<string, object?> queue)
    {
        Handled.Add(1, queue);
        if (messageId.Version != TimeOrderedVersion)
            return;
        Span<byte> bytes = stackalloc byte[16];
        messageId.TryWriteBytes(bytes, bigEndian: true, out _);
        var madeAt = BinaryPrimitives.ReadInt64BigEndian(bytes) >> 16;
        Lag.Record(Math.Max(0, (now.ToUnixTimeMilliseconds() - madeAt) / 1000.0), queue);
    }

    public static void CountDuplicates(string queue, int count)
    {
        if (count > 0)
            Duplicates.Add(count, new KeyValuePair<string, object?>("queue", queue));
    }
}
