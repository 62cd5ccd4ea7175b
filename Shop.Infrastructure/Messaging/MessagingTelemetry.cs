using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Shop.Infrastructure.Messaging;

/// <summary>The traces and counters of messages on their way.</summary>
public static class MessagingTelemetry
{
    public const string Name = "Shop.Messaging";

    public static readonly ActivitySource Source = new(Name);

    private static readonly Meter Meter = new(Name);

    /// <summary>Events that a queue has taken.</summary>
    public static readonly Counter<long> Published = Meter.CreateCounter<long>("shop.messaging.published");

    /// <summary>Events that came back, because no queue took them or the broker refused them.</summary>
    public static readonly Counter<long> Refused = Meter.CreateCounter<long>("shop.messaging.refused");

    /// <summary>Events that were tried too often and now wait for a person.</summary>
    public static readonly Counter<long> Parked = Meter.CreateCounter<long>("shop.messaging.parked");

    /// <summary>Messages whose effect is committed; tag <c>queue</c>.</summary>
    public static readonly Counter<long> Handled = Meter.CreateCounter<long>("shop.messaging.handled");

    /// <summary>Messages that failed and are tried again later; tag <c>queue</c>.</summary>
    public static readonly Counter<long> Retried = Meter.CreateCounter<long>("shop.messaging.retried");

    /// <summary>Messages that were given up; tag <c>queue</c>.</summary>
    public static readonly Counter<long> Died = Meter.CreateCounter<long>("shop.messaging.died");
}
