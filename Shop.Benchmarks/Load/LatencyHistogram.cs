using System.Numerics;

namespace Shop.Benchmarks.Load;

/// <summary>
/// Counts latencies in buckets that grow with the value, like HdrHistogram (G. Tene): fixed memory, no allocation, every
/// value kept to 1.6 %. In microseconds, up to an hour.
/// </summary>
public sealed class LatencyHistogram
{
    /// <summary>So many bits of a value are kept: 64 buckets for each doubling.</summary>
    private const int Precision = 6;

    private const int LinearUpTo = 1 << (Precision + 1);
    private const int LargestExponent = 32;
    private const int Buckets = ((LargestExponent - Precision) << Precision) + LinearUpTo;

    private readonly long[] _counts = new long[Buckets];

    public long Count { get; private set; }

    public TimeSpan Max { get; private set; }

    public void Record(TimeSpan latency)
    {
        var microseconds = Math.Max(0, (long)latency.TotalMicroseconds);
        _counts[Math.Min(Buckets - 1, BucketOf(microseconds))]++;
        Count++;
        if (latency > Max)
            Max = latency;
    }

    public void Add(LatencyHistogram other)
    {
        ArgumentNullException.ThrowIfNull(other);
        for (var bucket = 0; bucket < Buckets; bucket++)
            _counts[bucket] += other._counts[bucket];
        Count += other.Count;
        if (other.Max > Max)
            Max = other.Max;
    }

    /// <summary>The latency that so many of all didn't exceed; zero when nothing was recorded.</summary>
    /// <param name="share">0.95 for p95.</param>
    public TimeSpan Percentile(double share)
    {
        var rank = Math.Max(1, (long)Math.Ceiling(share * Count));
        long seen = 0;
        for (var bucket = 0; bucket < Buckets; bucket++)
        {
            seen += _counts[bucket];
            if (seen >= rank)
                return TimeSpan.FromMicroseconds(Math.Min(LargestOf(bucket), Max.TotalMicroseconds));
        }

        return TimeSpan.Zero;
    }

    private static int BucketOf(long microseconds)
    {
        if (microseconds < LinearUpTo)
            return (int)microseconds;
        var shift = BitOperations.Log2((ulong)microseconds) - Precision;
        return (shift << Precision) + (int)(microseconds >> shift);
    }

    private static long LargestOf(int bucket)
    {
        if (bucket < LinearUpTo)
            return bucket;
        var shift = (bucket >> Precision) - 1;
        return ((long)(bucket - (shift << Precision) + 1) << shift) - 1;
    }
}
