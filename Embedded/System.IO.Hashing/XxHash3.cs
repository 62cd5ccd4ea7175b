namespace System.IO.Hashing;

/// <summary>Named by StackExchange.Redis for digests of values; not implemented in this stand-in.</summary>
public sealed class XxHash3
{
    private XxHash3()
    {
    }

    /// <exception cref="NotSupportedException">Always.</exception>
    public static ulong HashToUInt64(ReadOnlySpan<byte> source, long seed = 0) => throw new NotSupportedException(
        $"Digests of Redis values need the real package System.IO.Hashing, which this build replaces by a stand-in without XXH3 (asked for {source.Length} bytes, seed {seed}). Build with -p:AspireEngine=packages from a feed that has it.");
}
