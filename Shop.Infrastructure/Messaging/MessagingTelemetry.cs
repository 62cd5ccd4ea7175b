using System.Diagnostics.Metrics;

namespace Shop.Infrastructure.Messaging;

/// <summary>The traces of messages on their way, and what is counted of them; docs/observability.md says what each tells.</summary>
public static class MessagingTelemetry
{
    public const string Name = "Shop.Messaging";

    /// <summary>The attribute that names the queue.</summary>
    public const string QueueTag = "queue";

    public static readonly ActivitySource Source = new(Name);

    private static readonly Meter Meter = new(Name);

    /// <summary>Events that a queue has taken.</summary>
    public static readonly Counter<long> Published = Meter.CreateCounter<long>(
        "shop.messaging.published", "{message}", "Events that every queue they belong in has taken.");

    /// <summary>Events that came back, because no queue took them or the broker refused them.</summary>
    public static readonly Counter<long> Refused = Meter.CreateCounter<long>(
        "shop.messaging.refused", "{message}", "Events that came back because no queue took them; they are tried again.");

    /// <summary>Events that were tried too often and now wait for a person.</summary>
    public static readonly Counter<long> Parked = Meter.CreateCounter<long>(
        "shop.messaging.parked", "{message}", "Events that were tried too often and wait in the outbox for a person.");

    /// <summary>Messages whose effect is committed; <see cref="QueueTag"/>.</summary>
    public static readonly Counter<long> Handled = Meter.CreateCounter<long>(
        "shop.messaging.handled", "{message}", "Messages whose effect is committed.");

    /// <summary>Messages that failed and are tried again later; <see cref="QueueTag"/>.</summary>
    public static readonly Counter<long> Retried = Meter.CreateCounter<long>(
        "shop.messaging.retried", "{message}", "Messages that failed and wait for their next attempt.");

    /// <summary>Messages that were given up; <see cref="QueueTag"/>.</summary>
    public static readonly Counter<long> Died = Meter.CreateCounter<long>(
        "shop.messaging.died", "{message}", "Messages that were given up and went to the dead letters.");

    /// <summary>From when an event happened until its message was handled, s; <see cref="QueueTag"/>.</summary>
    public static readonly Histogram<double> Lag = Meter.CreateHistogram<double>(
        "shop.messaging.lag", "s", "From when an event happened until its message was handled.", tags: null,
        // From a moment on a quiet shop to the day after an outage.
        new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [
            .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600]
        });

    /// <summary>Events that wait to be published.</summary>
    public static readonly ExpiringGauge<long> OutboxDepth = new(
        Meter, "shop.outbox.depth", "{message}", "Events in the outbox that wait to be published, the parked ones left out.");

    /// <summary>The age of the oldest event that waits to be published, s; 0 when none does.</summary>
    public static readonly ExpiringGauge<double> OutboxAge = new(
        Meter, "shop.outbox.age", "s", "How long the oldest event in the outbox has been waiting to be published; 0 when none waits.");

    /// <summary>Messages that wait in a queue; <see cref="QueueTag"/>.</summary>
    public static readonly ExpiringGauge<long> QueueDepth = new(
        Meter, "shop.queue.depth", "{message}", "Messages that wait in a queue; those a consumer has in hand are left out.");

    /// <summary>Dead letters that were neither sent again nor discarded.</summary>
    public static readonly ExpiringGauge<long> WaitingDeadLetters = new(
        Meter, "shop.dead_letters", "{message}", "Dead letters that wait for a person to send them again or discard them.");

    private static readonly Counter<long> Duplicates = Meter.CreateCounter<long>(
        "shop.inbox.duplicates", "{message}", "Messages that came although their effect was committed before, and changed nothing.");

    /// <summary>The attribute of a queue.</summary>
    public static KeyValuePair<string, object?> Of(string queue) => new(QueueTag, queue);

    /// <summary>Counts messages that the inbox of a queue's consumer knew already.</summary>
    public static void CountDuplicates(string queue, int messages)
    {
        if (messages > 0)
            Duplicates.Add(messages, Of(queue));
    }
}
