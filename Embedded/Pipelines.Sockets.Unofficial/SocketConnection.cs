using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace Pipelines.Sockets.Unofficial;

/// <summary>A connected socket as a duplex pipe.</summary>
public sealed class SocketConnection : PumpedConnection
{
    private readonly Socket _socket;

    private SocketConnection(Socket socket, PipeOptions sendOptions, PipeOptions receiveOptions)
        : base(sendOptions, receiveOptions) => _socket = socket;

    /// <param name="socket">Connected; it belongs to the connection from now on.</param>
    /// <param name="sendPipeOptions">Of the pipe towards the peer.</param>
    /// <param name="receivePipeOptions">Of the pipe from the peer.</param>
    /// <param name="connectionOptions">Not looked at.</param>
    /// <param name="name">Not looked at.</param>
    [SuppressMessage("Style", "IDE0060", Justification = "The signature is the real package's.")]
    public static SocketConnection Create(Socket socket, PipeOptions? sendPipeOptions, PipeOptions? receivePipeOptions, SocketConnectionOptions connectionOptions = SocketConnectionOptions.None, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(socket);

        var connection = new SocketConnection(socket, sendPipeOptions ?? PipeOptions.Default, receivePipeOptions ?? PipeOptions.Default);
        connection.Start();
        return connection;
    }

    /// <summary>Small packets leave at once.</summary>
    public static void SetRecommendedClientOptions(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);

        if (socket.ProtocolType == ProtocolType.Tcp)
            socket.NoDelay = true;
    }

    /// <summary>Does nothing: the real package checks here that its own dependencies can be loaded.</summary>
    public static void AssertDependencies()
    {
    }

    public Counters GetCounters() => new(BytesWaitingToBeRead, BytesWaitingToBeSent, AvailableOnSocket());

    private protected override ValueTask<int> ReceiveAsync(Memory<byte> buffer) => _socket.ReceiveAsync(buffer, SocketFlags.None);

    private protected override async ValueTask SendAsync(ReadOnlySequence<byte> buffer)
    {
        foreach (var segment in buffer)
        {
            // A stream socket may take less than it is offered.
            for (var rest = segment; !rest.IsEmpty;)
                rest = rest[await _socket.SendAsync(rest, SocketFlags.None).ConfigureAwait(false)..];
        }
    }

    private protected override void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    private protected override void Close() => _socket.Dispose();

    private long AvailableOnSocket()
    {
        try
        {
            return _socket.Available;
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // The socket is gone, and so is what it held; these numbers go into error messages and must not fail.
            return 0;
        }
    }

    /// <summary>Where bytes are at this moment.</summary>
    [SuppressMessage("Design", "CA1034", Justification = "StackExchange.Redis refers to it as a nested type.")]
    public readonly struct Counters
    {
        internal Counters(long bytesWaitingToBeRead, long bytesWaitingToBeSent, long bytesAvailableOnSocket)
        {
            BytesWaitingToBeRead = bytesWaitingToBeRead;
            BytesWaitingToBeSent = bytesWaitingToBeSent;
            BytesAvailableOnSocket = bytesAvailableOnSocket;
        }

        /// <summary>Received, and not yet consumed.</summary>
        public long BytesWaitingToBeRead { get; }

        /// <summary>Written, and not yet taken by the socket.</summary>
        public long BytesWaitingToBeSent { get; }

        /// <summary>In the operating system's buffer, and not yet received.</summary>
        public long BytesAvailableOnSocket { get; }
    }
}
