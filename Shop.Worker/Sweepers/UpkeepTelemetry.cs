using System.Diagnostics.Metrics;

namespace Shop.Worker.Sweepers;

/// <summary>What the sweepers have mended: in a healthy shop nearly nothing, so a rise says that messages get lost somewhere.</summary>
internal static class UpkeepTelemetry
{
    public const string Name = "Shop.Upkeep";
    public const string MendedName = "shop.sweeper.mended";

    private static readonly Counter<long> MendedThings = new Meter(Name).CreateCounter<long>(
        MendedName, "{thing}", "What sweepers found half done and finished, by sweeper.");

    public static void Mended(string sweeper, int mended) => MendedThings.Add(mended, new KeyValuePair<string, object?>("sweeper", sweeper));
}
