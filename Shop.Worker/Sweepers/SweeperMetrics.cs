using System.Diagnostics.Metrics;

namespace Shop.Worker.Sweepers;

/// <summary>What the sweepers have mended: in a healthy shop nearly nothing, so a rise says that messages get lost somewhere.</summary>
internal sealed class SweeperMetrics
{
    public const string MeterName = "Shop.Upkeep";
    public const string MendedName = "shop.sweeper.mended";

    private readonly Counter<long> _mended;

    public SweeperMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        _mended = meters.Create(MeterName).CreateCounter<long>(MendedName, unit: "{thing}", description: "What sweepers found half done and finished.");
    }

    public void Count(string sweeper, int mended) => _mended.Add(mended, new KeyValuePair<string, object?>("sweeper", sweeper));
}
