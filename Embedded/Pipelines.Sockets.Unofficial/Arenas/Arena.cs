using System.Runtime.CompilerServices;

namespace Pipelines.Sockets.Unofficial.Arenas;

/// <summary>
/// Hands out runs of elements cheaply and takes them all back at once. Runs are zeroed when handed out, lie in one
/// piece, and are valid until the next <see cref="Reset"/>. For one thread at a time.
/// </summary>
public sealed class Arena<T> : IDisposable
{
    private const int DefaultBlockSizeBytes = 64 * 1024;

    private readonly int _blockLength;
    private T[] _block = [];
    private int _used;
    private bool _disposed;

    /// <param name="options">Null for the defaults. A retention policy is not asked: one ordinary block is kept, larger ones are given back at the reset.</param>
    /// <param name="allocator">Must be null: memory is the managed heap's.</param>
    public Arena(ArenaOptions? options = null, Allocator<T>? allocator = null)
    {
        if (allocator is not null)
            throw new NotSupportedException("This stand-in for Pipelines.Sockets.Unofficial takes an arena's memory from the managed heap only: pass no allocator.");

        var bytes = options is { BlockSizeBytes: > 0 } ? options.BlockSizeBytes : DefaultBlockSizeBytes;
        _blockLength = Math.Max(1, bytes / Unsafe.SizeOf<T>());
    }

    /// <param name="length">The number of elements, 0 or more.</param>
    public Sequence<T> Allocate(int length)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(length);

        if (length == 0)
            return default;

        // What is left of a block that is too full stays unused: a run never crosses blocks. The old block lives on
        // for as long as the runs given out of it are in use.
        var block = _block;
        if (length > block.Length - _used)
        {
            _block = block = new T[Math.Max(length, _blockLength)];
            _used = 0;
        }

        var run = new Sequence<T>(block, _used, length);
        _used += length;
        return run;
    }

    /// <summary>Takes back everything handed out.</summary>
    public void Reset()
    {
        if (_block.Length > _blockLength)
            _block = [];
        else
            Array.Clear(_block, 0, _used);

        _used = 0;
    }

    public void Dispose()
    {
        _disposed = true;
        _block = [];
        _used = 0;
    }
}
