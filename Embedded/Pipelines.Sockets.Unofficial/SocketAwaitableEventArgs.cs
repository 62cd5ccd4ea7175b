using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Pipelines.Sockets.Unofficial;

/// <summary>
/// A socket operation that can be awaited, again and again, one at a time. Start it on the socket, call
/// <see cref="Complete"/> when it ended at once, then await this object; the result is the number of bytes.
/// </summary>
/// <param name="ioScheduler">Where the awaiting code goes on; null for wherever the operation ends.</param>
public sealed class SocketAwaitableEventArgs(PipeScheduler? ioScheduler = null) : SocketAsyncEventArgs, ICriticalNotifyCompletion
{
    private static readonly Action Ended = static () => { };

    // Null: nobody waits yet. Ended: the operation has ended. Anything else: what waits for the end.
    private Action? _continuation;
    private SocketError _abortedWith;

    public bool IsCompleted => ReferenceEquals(Volatile.Read(ref _continuation), Ended);

    public SocketAwaitableEventArgs GetAwaiter() => this;

    /// <returns>The number of bytes transferred.</returns>
    /// <exception cref="SocketException">The operation failed or was aborted.</exception>
    public int GetResult()
    {
        Volatile.Write(ref _continuation, null);

        var error = _abortedWith != SocketError.Success ? _abortedWith : SocketError;
        _abortedWith = SocketError.Success;
        if (error != SocketError.Success)
            throw new SocketException((int)error);

        return BytesTransferred;
    }

    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    public void UnsafeOnCompleted(Action continuation)
    {
        // Ended between the look at IsCompleted and now: go on, but not on this stack.
        if (IsCompleted || ReferenceEquals(Interlocked.CompareExchange(ref _continuation, continuation, null), Ended))
            PipeScheduler.ThreadPool.Schedule(static state => ((Action)state!)(), continuation);
    }

    /// <summary>Marks the operation as ended.</summary>
    public void Complete()
    {
        var continuation = Interlocked.Exchange(ref _continuation, Ended);
        if (continuation is null || ReferenceEquals(continuation, Ended))
            return;

        (ioScheduler ?? PipeScheduler.Inline).Schedule(static state => ((Action)state!)(), continuation);
    }

    /// <summary>Ends the operation for whoever waits, with this error, however the socket goes on.</summary>
    public void Abort(SocketError error = SocketError.OperationAborted)
    {
        if (error == SocketError.Success)
            throw new ArgumentException("An operation is aborted with an error, not with success.", nameof(error));

        _abortedWith = error;
        Complete();
    }

    protected override void OnCompleted(SocketAsyncEventArgs e) => Complete();
}
