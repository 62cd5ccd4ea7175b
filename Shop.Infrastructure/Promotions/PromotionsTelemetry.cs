using System.Diagnostics.Metrics;

namespace Shop.Infrastructure.Promotions;

/// <summary>What is counted of the gate in front of flash sales; docs/observability.md says what each tells.</summary>
public static class PromotionsTelemetry
{
    public const string Name = "Shop.Promotions";

    private static readonly Meter Meter = new(Name);

    /// <summary>Orders that the gate refused.</summary>
    internal static readonly Counter<long> Refused = Meter.CreateCounter<long>(
        "shop.gate.refused", "{order}", "Orders that the gate refused without any work of the database.");

    /// <summary>Logs of the gate that were completed from Postgres.</summary>
    internal static readonly Counter<long> Rebuilds = Meter.CreateCounter<long>(
        "shop.gate.rebuilds", "{rebuild}",
        "Logs of accepted orders that the gate was given from Postgres: once for each sale, and again when Redis lost one.");

    /// <summary>Calls to Redis that failed; each opens the gate for a moment.</summary>
    internal static readonly Counter<long> Failures = Meter.CreateCounter<long>(
        "shop.gate.failures", "{call}", "Calls to Redis that failed; the gate then lets everybody through for a moment.");
}
