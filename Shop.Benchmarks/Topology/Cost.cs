namespace Shop.Benchmarks.Topology;

/// <summary>What a measured window has cost, to say what bounds it.</summary>
/// <param name="Duration">The window.</param>
/// <param name="ProcessorTime">By process.</param>
/// <param name="WalBytes">Written to Postgres' log.</param>
/// <param name="WalPageImages">Whole pages in it, the first change of each after a checkpoint.</param>
/// <param name="WalSyncs">Fsyncs of the log.</param>
/// <param name="Commits">Transactions, those of the measurement and the background included.</param>
/// <param name="Waits">What Postgres' active sessions were at, as the average number of sessions.</param>
public sealed record Cost(
    TimeSpan Duration,
    IReadOnlyDictionary<string, TimeSpan> ProcessorTime,
    long WalBytes,
    long WalPageImages,
    long WalSyncs,
    long Commits,
    IReadOnlyDictionary<string, double> Waits)
{
    /// <summary>A measurement that is under way: begun now, ended by <see cref="CostMeter.StopAsync"/>.</summary>
    public static Task<CostMeter> BeginAsync(ShopTopology shop, CancellationToken cancellationToken) =>
        CostMeter.StartAsync(shop, cancellationToken);
}
