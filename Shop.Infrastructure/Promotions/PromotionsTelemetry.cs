using System.Diagnostics.Metrics;

namespace Shop.Infrastructure.Promotions;

/// <summary>The meter of flash sales; docs/observability.md says what it tells.</summary>
internal static class PromotionsTelemetry
{
    private static readonly Meter Meter = new("Shop.Promotions");

    public static readonly Counter<long> Refused = Meter.CreateCounter<long>("shop.gate.refused", "{order}", "Orders that the gate refused in front of the intake.");

    public static readonly Counter<long> Rebuilds = Meter.CreateCounter<long>("shop.gate.rebuilds", "{rebuild}", "Logs of keys that were read from Postgres, for a new sale or after Redis lost one.");

    public static readonly Counter<long> Failures = Meter.CreateCounter<long>("shop.gate.failures", "{call}", "Calls to Redis that failed; the gate lets everybody through for a moment.");
}
