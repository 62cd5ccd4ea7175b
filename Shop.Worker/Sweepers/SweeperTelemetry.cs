using System.Diagnostics.Metrics;

namespace Shop.Worker.Sweepers;

/// <summary>What the sweepers have repaired: in a healthy shop nearly nothing, so a rise says that messages get lost somewhere.</summary>
internal static class SweeperTelemetry
{
    public const string Name = "Shop.Sweepers";
    public const string RepairedName = "shop.sweeper.repaired";

    private static readonly Counter<long> RepairedThings = new Meter(Name).CreateCounter<long>(
        RepairedName, "{thing}", "What sweepers found half done and finished, by sweeper.");

    public static void Repaired(string sweeper, int repaired) =>
        RepairedThings.Add(repaired, new KeyValuePair<string, object?>("sweeper", sweeper));
}
