using System.Diagnostics.Metrics;

namespace Shop.Infrastructure.Ordering;

/// <summary>
/// The traces of orders, and what is counted of them; docs/observability.md says what each tells. Whatever a transaction does is counted
/// after its commit.
/// </summary>
public static class OrderingTelemetry
{
    public const string Name = "Shop.Ordering";

    /// <summary>The attribute that says why an order was refused or cancelled.</summary>
    public const string ReasonTag = "shop.reason";

    /// <summary>The attribute by which an order's trace is found.</summary>
    public const string OrderIdTag = CommitTrace.OrderIdTag;

    /// <summary>The attribute with the number that the customer sees.</summary>
    public const string OrderNumberTag = "shop.order.number";

    public static readonly ActivitySource Source = new(Name);

    private static readonly Meter Meter = new(Name);

    private static readonly Counter<long> AcceptedOrders = Meter.CreateCounter<long>(
        "shop.orders.accepted", "{order}", "Orders that were accepted, with their stock reserved.");

    private static readonly Counter<long> RefusedOrders = Meter.CreateCounter<long>(
        "shop.orders.refused", "{order}", "Orders that were refused, by the reason.");

    private static readonly Counter<long> ConfirmedOrders = Meter.CreateCounter<long>(
        "shop.orders.confirmed", "{order}", "Orders that were confirmed: paid, and their stock sold.");

    private static readonly Counter<long> CancelledOrders = Meter.CreateCounter<long>(
        "shop.orders.cancelled", "{order}", "Orders that were cancelled before they were confirmed, by the reason.");

    private static readonly Histogram<double> TimeToConfirm = Meter.CreateHistogram<double>(
        "shop.orders.time_to_confirm", "s", "From when an order was accepted until it was confirmed.", tags: null,
        // From what a customer doesn't notice to what an outage costs; beyond, the reservation runs out.
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [.05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 900] });

    private static readonly Histogram<int> BatchSize = Meter.CreateHistogram<int>(
        "shop.intake.batch.size", "{order}", "Orders that were decided together, in one transaction.", tags: null,
        new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256] });

    private static readonly Histogram<double> CommitDuration = Meter.CreateHistogram<double>(
        "shop.intake.commit.duration", "s", "How long a batch of orders took to be decided and committed.", tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5] });

    private static readonly ConcurrentDictionary<OrderIntake, bool> Intakes = [];

    // In a constructor, as nobody asks for the gauge itself: it asks the intakes of this process, and shows nothing where there is none.
    static OrderingTelemetry() => Meter.CreateObservableGauge(
        "shop.intake.waiting",
        () => Intakes.IsEmpty ? Array.Empty<Measurement<int>>() : [new(Intakes.Keys.Sum(intake => intake.Waiting))],
        "{order}",
        "Orders that wait to be written.");

    /// <summary>Says in the span of what is going on which order it is about.</summary>
    public static void Identify(Guid orderId, long? number = null)
    {
        if (Activity.Current is not { IsAllDataRequested: true } span)
            return;
        span.SetTag(OrderIdTag, orderId.ToString());
        if (number is not null)
            span.SetTag(OrderNumberTag, number);
    }

    /// <summary>Counts an order that was refused.</summary>
    public static void Refused(RefusalReason reason, int orders = 1)
    {
        if (orders > 0)
            RefusedOrders.Add(orders, new KeyValuePair<string, object?>(ReasonTag, TextOf(reason)));
    }

    /// <summary>From now on the gauge shows what waits in this intake.</summary>
    internal static void Watch(OrderIntake intake) => Intakes.TryAdd(intake, true);

    /// <summary>The intake is closed.</summary>
    internal static void Forget(OrderIntake intake) => Intakes.TryRemove(intake, out _);

    /// <summary>Counts a batch of the intake, once for all its orders. An order that had been accepted before is none of them.</summary>
    /// <param name="results">What came of each order.</param>
    /// <param name="duration">From asking for a connection to the end of the commit.</param>
    internal static void Decided(IReadOnlyList<IntakeResult> results, TimeSpan duration)
    {
        var (accepted, outOfStock, limit, unknown, dearer, ordered, reused) = (0, 0, 0, 0, 0, 0, 0);
        for (var index = 0; index < results.Count; index++)
        {
            switch (results[index])
            {
                case IntakeResult.Accepted { Replayed: false }:
                    accepted++;
                    break;
                case IntakeResult.SoldOut:
                    outOfStock++;
                    break;
                case IntakeResult.OverLimit:
                    limit++;
                    break;
                case IntakeResult.UnknownSkus:
                    unknown++;
                    break;
                case IntakeResult.PriceChanged:
                    dearer++;
                    break;
                case IntakeResult.BasketOrdered:
                    ordered++;
                    break;
                case IntakeResult.KeyReused:
                    reused++;
                    break;
            }
        }

        BatchSize.Record(results.Count);
        CommitDuration.Record(duration.TotalSeconds);
        if (accepted > 0)
            AcceptedOrders.Add(accepted);
        Refused(RefusalReason.OutOfStock, outOfStock);
        Refused(RefusalReason.Limit, limit);
        Refused(RefusalReason.UnknownSku, unknown);
        Refused(RefusalReason.PriceChanged, dearer);
        Refused(RefusalReason.BasketOrdered, ordered);
        Refused(RefusalReason.KeyReused, reused);
    }

    /// <summary>Counts orders that were confirmed.</summary>
    /// <param name="placedAt">When each was accepted.</param>
    /// <param name="now">When they were confirmed.</param>
    internal static void Confirmed(IReadOnlyList<DateTimeOffset> placedAt, DateTimeOffset now)
    {
        if (placedAt.Count == 0)
            return;
        ConfirmedOrders.Add(placedAt.Count);
        for (var index = 0; index < placedAt.Count; index++)
        {
            // The clock that wrote the one may be ahead of the clock that reads the other.
            TimeToConfirm.Record(Math.Max(0, (now - placedAt[index]).TotalSeconds));
        }
    }

    /// <summary>Counts an order that was cancelled.</summary>
    internal static void Cancelled(CancelCause cause) =>
        CancelledOrders.Add(1, new KeyValuePair<string, object?>(ReasonTag, TextOf(cause)));

    private static string TextOf(RefusalReason reason) => reason switch
    {
        RefusalReason.Invalid => "invalid",
        RefusalReason.UnknownSku => "unknown_sku",
        RefusalReason.OutOfStock => "out_of_stock",
        RefusalReason.SoldOut => "sold_out",
        RefusalReason.Limit => "limit",
        RefusalReason.PriceChanged => "price_changed",
        RefusalReason.BasketChanged => "basket_changed",
        RefusalReason.BasketOrdered => "basket_ordered",
        RefusalReason.KeyReused => "key_reused",
        RefusalReason.Full => "full",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "This reason has no name yet."),
    };

    private static string TextOf(CancelCause cause) => cause switch
    {
        CancelCause.Customer => "customer",
        CancelCause.Shop => "shop",
        CancelCause.PaymentRefused => "payment_refused",
        CancelCause.PaymentReturned => "payment_returned",
        CancelCause.Expired => "expired",
        _ => throw new ArgumentOutOfRangeException(nameof(cause), cause, "This cause has no name yet."),
    };
}
