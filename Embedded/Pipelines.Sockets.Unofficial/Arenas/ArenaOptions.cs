namespace Pipelines.Sockets.Unofficial.Arenas;

/// <param name="flags">See <see cref="ArenaFlags"/>.</param>
/// <param name="blockSizeBytes">The wanted size of a block in bytes; 0 for the default.</param>
/// <param name="retentionPolicy">From the elements retained before and those used since the last reset, how many to keep; null keeps the first block.</param>
public sealed class ArenaOptions(ArenaFlags flags = ArenaFlags.None, int blockSizeBytes = 0, Func<long, long, long>? retentionPolicy = null)
{
    public ArenaFlags Flags { get; } = flags;

    public int BlockSizeBytes { get; } = blockSizeBytes;

    public Func<long, long, long>? RetentionPolicy { get; } = retentionPolicy;
}
