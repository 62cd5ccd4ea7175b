namespace Embedded.Dashboard.Telemetry;

/// <param name="Sum">Of all that was measured.</param>
/// <param name="Bounds">Upper bounds of all buckets but the last.</param>
/// <param name="Counts">One more than bounds; what was measured since the series began.</param>
internal sealed record HistogramPoint(double Sum, double[] Bounds, ulong[] Counts)
{
    /// <summary>Further measurements of the same kind, or null when the buckets are others.</summary>
    public HistogramPoint? Plus(HistogramPoint other) => Bounds.AsSpan().SequenceEqual(other.Bounds)
        ? new HistogramPoint(Sum + other.Sum, Bounds, [.. Counts.Zip(other.Counts, (mine, theirs) => mine + theirs)])
        : null;

    /// <summary>What was measured since an earlier point; all of it when the series began anew in between.</summary>
    public HistogramPoint Since(HistogramPoint earlier) =>
        Bounds.AsSpan().SequenceEqual(earlier.Bounds) && !Counts.Zip(earlier.Counts).Any(pair => pair.First < pair.Second)
            ? new HistogramPoint(Sum - earlier.Sum, Bounds, [.. Counts.Zip(earlier.Counts, (mine, before) => mine - before)])
            : this;

    public ulong Count
    {
        get
        {
            var count = 0UL;
            foreach (var bucket in Counts)
                count += bucket;
            return count;
        }
    }

    /// <summary>Estimated, as Prometheus does: measurements are taken to be spread evenly over their bucket.</summary>
    /// <param name="share">0 to 1.</param>
    /// <returns>The highest bound when it lies beyond all of them; 0 when nothing was measured.</returns>
    public double Percentile(double share)
    {
        var rank = share * Count;
        var below = 0UL;
        for (var bucket = 0; bucket < Counts.Length; bucket++)
        {
            if (Counts[bucket] > 0 && below + Counts[bucket] >= rank)
            {
                if (bucket >= Bounds.Length) return Bounds.Length > 0 ? Bounds[^1] : Sum / Count;

                var from = bucket > 0 ? Bounds[bucket - 1] : Math.Min(0, Bounds[bucket]);
                return from + ((Bounds[bucket] - from) * (rank - below) / Counts[bucket]);
            }

            below += Counts[bucket];
        }

        return 0;
    }
}
