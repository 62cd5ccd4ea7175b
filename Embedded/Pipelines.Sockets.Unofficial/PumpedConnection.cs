using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace Pipelines.Sockets.Unofficial;

/// <summary>
/// A duplex pipe over something that receives and sends bytes: one loop fills <see cref="Input"/>, another empties
/// <see cref="Output"/>. An error while receiving reaches the reader of the input as an exception; an error while
/// sending ends the connection as a whole.
/// </summary>
public abstract class PumpedConnection : IMeasuredDuplexPipe, IDisposable
{
    private readonly Pipe _receivePipe;
    private readonly Pipe _sendPipe;
    private readonly PipeScheduler _receiveScheduler;
    private readonly PipeScheduler _sendScheduler;
    private readonly MeasuredPipeReader _input;
    private readonly MeasuredPipeWriter _output;
    private long _bytesReceived;
    private long _bytesSent;
    private int _lastReceived;
    private int _shutdownKind;
    private int _socketError;
    private volatile bool _disposed;

    private protected PumpedConnection(PipeOptions sendOptions, PipeOptions receiveOptions)
    {
        _receivePipe = new Pipe(receiveOptions);
        _sendPipe = new Pipe(sendOptions);
        _receiveScheduler = receiveOptions.WriterScheduler;
        _sendScheduler = sendOptions.ReaderScheduler;
        _input = new MeasuredPipeReader(_receivePipe.Reader);
        _output = new MeasuredPipeWriter(_sendPipe.Writer);
    }

    /// <summary>What comes from the peer.</summary>
    public PipeReader Input => _input;

    /// <summary>What goes to the peer.</summary>
    public PipeWriter Output => _output;

    public long TotalBytesReceived => Interlocked.Read(ref _bytesReceived);

    public long TotalBytesSent => Interlocked.Read(ref _bytesSent);

    public long BytesRead => TotalBytesReceived;

    public long BytesSent => TotalBytesSent;

    /// <summary>The number of bytes of the last receive: 0 at the end of the stream, -1 before the first.</summary>
    public int LastReceived => Volatile.Read(ref _lastReceived);

    /// <summary>Why the connection ended, or <see cref="PipeShutdownKind.None"/>.</summary>
    public PipeShutdownKind ShutdownKind => (PipeShutdownKind)Volatile.Read(ref _shutdownKind);

    /// <summary>The socket's error that ended the connection, or <see cref="SocketError.Success"/>.</summary>
    public SocketError SocketError => (SocketError)Volatile.Read(ref _socketError);

    private protected long BytesWaitingToBeRead => Math.Max(0, TotalBytesReceived - _input.Consumed);

    private protected long BytesWaitingToBeSent => Math.Max(0, _output.Written - TotalBytesSent);

    /// <summary>Says that the connection ends because the protocol says so. False when it has ended for another reason.</summary>
    public bool TrySetProtocolShutdown(PipeShutdownKind kind) => TrySetShutdown(kind, SocketError.Success);

    public void Dispose()
    {
        _disposed = true;
        TrySetShutdown(PipeShutdownKind.PipeDisposed, SocketError.Success);
        Close();
        // A loop may be waiting for the application instead of the wire.
        _receivePipe.Writer.CancelPendingFlush();
        _sendPipe.Reader.CancelPendingRead();
        GC.SuppressFinalize(this);
    }

    private protected void Start()
    {
        Volatile.Write(ref _lastReceived, -1);
        _receiveScheduler.Schedule(static state => _ = ((PumpedConnection)state!).ReceiveLoopAsync(), this);
        _sendScheduler.Schedule(static state => _ = ((PumpedConnection)state!).SendLoopAsync(), this);
    }

    /// <returns>The number of bytes received, 0 at the end of the stream.</returns>
    private protected abstract ValueTask<int> ReceiveAsync(Memory<byte> buffer);

    /// <summary>Sends all of it.</summary>
    private protected abstract ValueTask SendAsync(ReadOnlySequence<byte> buffer);

    /// <summary>There is nothing more to send.</summary>
    private protected abstract void EndSending();

    /// <summary>Ends everything, so that a pending receive or send returns. May be called more than once.</summary>
    private protected abstract void Close();

    [SuppressMessage("Design", "CA1031", Justification = "Whatever went wrong is handed to the reader of the pipe.")]
    private async Task ReceiveLoopAsync()
    {
        var writer = _receivePipe.Writer;
        Exception? failure = null;

        try
        {
            while (true)
            {
                var received = await ReceiveAsync(writer.GetMemory(1)).ConfigureAwait(false);
                Volatile.Write(ref _lastReceived, received);

                if (received <= 0)
                {
                    TrySetShutdown(PipeShutdownKind.ReadEndOfStream, SocketError.Success);
                    break;
                }

                Interlocked.Add(ref _bytesReceived, received);
                writer.Advance(received);

                var flushed = await writer.FlushAsync().ConfigureAwait(false);
                if (flushed.IsCompleted || flushed.IsCanceled)
                    break;
            }
        }
        catch (Exception) when (_disposed)
        {
            // The disposal has pulled the socket away from under the receive: an ordinary end.
        }
        catch (Exception e)
        {
            failure = Describe(e, PipeShutdownKind.ReadSocketError, PipeShutdownKind.ReadException);
        }

        await writer.CompleteAsync(failure).ConfigureAwait(false);
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever went wrong is kept in the connection's state and ends it.")]
    private async Task SendLoopAsync()
    {
        var reader = _sendPipe.Reader;
        Exception? failure = null;

        try
        {
            while (true)
            {
                var read = await reader.ReadAsync().ConfigureAwait(false);
                if (!read.Buffer.IsEmpty)
                {
                    await SendAsync(read.Buffer).ConfigureAwait(false);
                    Interlocked.Add(ref _bytesSent, read.Buffer.Length);
                }

                reader.AdvanceTo(read.Buffer.End);

                if (read.IsCanceled)
                    break;

                if (read.IsCompleted)
                {
                    EndSending();
                    break;
                }
            }
        }
        catch (Exception) when (_disposed)
        {
            // As above.
        }
        catch (Exception e)
        {
            failure = Describe(e, PipeShutdownKind.WriteSocketError, PipeShutdownKind.WriteException);
            // Replies to what was never sent won't come: let the receiving side see the end too.
            Close();
        }

        await reader.CompleteAsync(failure).ConfigureAwait(false);
    }

    private Exception Describe(Exception e, PipeShutdownKind ofSocket, PipeShutdownKind other)
    {
        if ((e as SocketException ?? e.InnerException as SocketException) is not { } socketException)
        {
            TrySetShutdown(other, SocketError.Success);
            return e;
        }

        TrySetShutdown(ofSocket, socketException.SocketErrorCode);
        return socketException.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted
            ? new ConnectionResetException(socketException.Message, e)
            : e;
    }

    private bool TrySetShutdown(PipeShutdownKind kind, SocketError error)
    {
        if (Interlocked.CompareExchange(ref _shutdownKind, (int)kind, (int)PipeShutdownKind.None) != (int)PipeShutdownKind.None)
            return false;

        Volatile.Write(ref _socketError, (int)error);
        return true;
    }
}
