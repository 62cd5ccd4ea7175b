using System.Buffers;
using System.IO.Pipelines;

namespace Pipelines.Sockets.Unofficial;

/// <summary>A pipe's reader that counts what has been consumed.</summary>
internal sealed class MeasuredPipeReader(PipeReader inner) : PipeReader
{
    private ReadOnlySequence<byte> _buffer;
    private long _consumed;

    public long Consumed => Interlocked.Read(ref _consumed);

    public override bool TryRead(out ReadResult result)
    {
        if (!inner.TryRead(out result))
            return false;

        _buffer = result.Buffer;
        return true;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var read = inner.ReadAsync(cancellationToken);
        if (!read.IsCompletedSuccessfully)
            return Awaited(read);

        var result = read.Result;
        _buffer = result.Buffer;
        return new ValueTask<ReadResult>(result);
    }

    private async ValueTask<ReadResult> Awaited(ValueTask<ReadResult> read)
    {
        var result = await read.ConfigureAwait(false);
        _buffer = result.Buffer;
        return result;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        // Counted first: once the pipe knows, the memory may be somebody else's.
        if (!_buffer.IsEmpty)
            Interlocked.Add(ref _consumed, _buffer.Slice(0, consumed).Length);

        _buffer = default;
        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);
}
