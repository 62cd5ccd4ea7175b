using System.Net.Sockets;

namespace Shop.Benchmarks.Load;

/// <summary>A kept-alive connection that doesn't block, with one request under way at most.</summary>
internal sealed class LoadConnection(IPEndPoint server) : IDisposable
{
    private const int LongestRequest = 4096;

    private readonly byte[] _request = new byte[LongestRequest];
    private readonly ResponseParser _response = new();
    private Socket? _socket;
    private int _length;
    private int _sent;

    /// <summary>When the request under way was due; meaningless without one.</summary>
    public long DueAt { get; private set; }

    /// <summary>Of the request under way; null when there is none.</summary>
    public RequestTemplate? Request { get; private set; }

    /// <summary>Before this time it isn't tried to connect again.</summary>
    public long NotBefore { get; set; }

    public int Status => _response.Status;

    public Poll.Entry PollEntry => new()
    {
        Descriptor = (int)_socket!.Handle,
        Wanted = _sent < _length ? Poll.Writable : Poll.Readable,
    };

    /// <exception cref="SocketException">Nobody listens there.</exception>
    public void Connect()
    {
        if (_socket is not null)
            return;
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Connect(server);
            socket.Blocking = false;
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }

        _response.Reset();
        _socket = socket;
    }

    /// <exception cref="SocketException">The connection is lost.</exception>
    public void Send(RequestTemplate request, long dueAt, long number, Random random)
    {
        (Request, DueAt) = (request, dueAt);
        (_length, _sent) = (request.Write(_request, number, random), 0);
        SendRest();
    }

    /// <summary>Goes on with the request under way, after <see cref="Poll"/> said that the socket is ready.</summary>
    /// <returns>Whether the answer is complete.</returns>
    /// <exception cref="SocketException">The connection is lost.</exception>
    /// <exception cref="InvalidDataException">The answer isn't HTTP.</exception>
    public bool Proceed()
    {
        if (_sent < _length)
        {
            SendRest();
            return false;
        }

        while (true)
        {
            var space = _response.Space;
            var received = _socket!.Receive(space, SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock)
                return false;
            if (error != SocketError.Success)
                throw new SocketException((int)error);
            if (received == 0)
                throw new SocketException((int)SocketError.ConnectionReset);
            if (_response.Take(received))
            {
                Request = null;
                if (_response.Closes)
                    Drop();
                return true;
            }

            // A buffer that wasn't filled has emptied the socket.
            if (received < space.Length)
                return false;
        }
    }

    /// <summary>Gives the connection up, and the request under way with it.</summary>
    public void Drop()
    {
        Request = null;
        _socket?.Dispose();
        _socket = null;
    }

    public void Dispose() => Drop();

    private void SendRest()
    {
        _sent += _socket!.Send(_request.AsSpan(_sent, _length - _sent), SocketFlags.None, out var error);
        if (error is not SocketError.Success and not SocketError.WouldBlock)
            throw new SocketException((int)error);
    }
}
