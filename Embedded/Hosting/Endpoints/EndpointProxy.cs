using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace Embedded.Hosting.Endpoints;

/// <summary>
/// A stable TCP address before a resource's replicas. Every new connection goes to the healthy replica with the fewest, taking
/// turns among equals; one that refuses is skipped within the same accept. Bytes are passed on as they come, half-closed
/// connections stay half-closed, and when no replica is there the caller waits a little for one.
/// </summary>
internal sealed class EndpointProxy : IAsyncDisposable
{
    private const int BufferSize = 32 * 1024;
    private const int Backlog = 512;

    /// <summary>How long a caller waits for a replica: longer than a service takes to be started again.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    private readonly IReadOnlyList<Socket> _listeners;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly HashSet<Socket> _callers = [];
    private IReadOnlyList<Backend> _backends = [];
    private Task _accepting = Task.CompletedTask;
    private int _turn;

    private EndpointProxy(IReadOnlyList<Socket> listeners, int port)
    {
        _listeners = listeners;
        Port = port;
    }

    public int Port { get; }

    /// <summary>Takes the port on the loopback addresses; nothing is accepted before <see cref="Start"/>.</summary>
    /// <exception cref="SocketException">The port is taken or not allowed.</exception>
    public static EndpointProxy Bind(int port)
    {
        var listeners = new List<Socket> { Listen(AddressFamily.InterNetwork, new IPEndPoint(IPAddress.Loopback, port)) };
        try
        {
            // "localhost" means ::1 first for many callers.
            if (Socket.OSSupportsIPv6) listeners.Add(Listen(AddressFamily.InterNetworkV6, new IPEndPoint(IPAddress.IPv6Loopback, port)));
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported)
        {
            // A machine without an IPv6 loopback address: callers fall back to 127.0.0.1.
        }
        catch (SocketException)
        {
            listeners[0].Dispose();
            throw;
        }

        return new EndpointProxy(listeners, port);
    }

    /// <summary>Whether a port could be taken now.</summary>
    /// <exception cref="SocketException">It couldn't.</exception>
    public static void Probe(int port)
    {
        foreach (var listener in Bind(port)._listeners)
            listener.Dispose();
    }

    public void Start(IReadOnlyList<Backend> backends)
    {
        _backends = backends;
        _accepting = Task.WhenAll(_listeners.Select(listener => AcceptAsync(listener, _stopping.Token)));
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        foreach (var listener in _listeners)
            listener.Dispose();

        await _accepting;
        lock (_gate)
        {
            foreach (var caller in _callers)
                caller.Dispose();
        }

        foreach (var backend in _backends)
            backend.Down();

        _stopping.Dispose();
    }

    private static Socket Listen(AddressFamily family, IPEndPoint endpoint)
    {
        var socket = new Socket(family, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (family == AddressFamily.InterNetworkV6) socket.DualMode = false;
            socket.Bind(endpoint);
            socket.Listen(Backlog);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task AcceptAsync(Socket listener, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            Socket caller;
            try
            {
                caller = await listener.AcceptAsync(stopping);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // The caller was gone before it was accepted, or file descriptors ran out for a moment.
                await Task.Delay(RetryPause, CancellationToken.None);
                continue;
            }

            _ = ServeAsync(caller, stopping);
        }
    }

    // Ends by itself with the connection; nothing awaits it, so it lets no exception out.
    private async Task ServeAsync(Socket caller, CancellationToken stopping)
    {
        lock (_gate)
            _callers.Add(caller);

        try
        {
            caller.NoDelay = true;
            if (await ConnectAsync(caller, stopping) is { } connected)
            {
                var (backend, connection) = connected;
                try
                {
                    await Task.WhenAll(
                        PumpAsync(connection.Caller, connection.Replica, connection),
                        PumpAsync(connection.Replica, connection.Caller, connection));
                }
                finally
                {
                    backend.Remove(connection);
                    connection.Abort();
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Either end closed the connection, or the application stops: the other end sees it closed as well.
        }
        finally
        {
            lock (_gate)
                _callers.Remove(caller);

            caller.Dispose();
        }
    }

    private async Task<(Backend Backend, Backend.Connection Connection)?> ConnectAsync(Socket caller, CancellationToken stopping)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var lastChance = TimeProvider.System.GetElapsedTime(start) >= Patience;
            foreach (var (backend, port) in Candidates(lastChance))
            {
                if (await TryConnectAsync(port, stopping) is not { } replica) continue;

                var connection = new Backend.Connection(caller, replica);
                if (backend.TryAdd(connection, port)) return (backend, connection);

                replica.Dispose();
            }

            if (lastChance) return null;

            await Task.Delay(RetryPause, stopping);
        }
    }

    // Healthy replicas first. If none is healthy, those that were: a service whose database is down still has answers of its
    // own. One that is only just starting is asked last, when the caller's patience is at its end.
    private List<(Backend Backend, int Port)> Candidates(bool lastChance)
    {
        var turn = (uint)Interlocked.Increment(ref _turn);
        var count = (uint)Math.Max(1, _backends.Count);
        return
        [
            .. _backends
                .Select((backend, index) => (Backend: backend, backend.Port, Rank: RankOf(backend), Turn: ((uint)index + turn) % count))
                .Where(candidate => candidate.Port is not null && (candidate.Rank < 2 || lastChance))
                .OrderBy(candidate => candidate.Rank)
                .ThenBy(candidate => candidate.Backend.ConnectionCount)
                .ThenBy(candidate => candidate.Turn)
                .Select(candidate => (candidate.Backend, candidate.Port!.Value)),
        ];
    }

    private static int RankOf(Backend backend) => backend.IsHealthy ? 0 : backend.WasHealthy ? 1 : 2;

    private static async Task<Socket?> TryConnectAsync(int port, CancellationToken stopping)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        timeout.CancelAfter(ConnectTimeout);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), timeout.Token);
            return socket;
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException && !stopping.IsCancellationRequested)
        {
            socket.Dispose();
            return null;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task PumpAsync(Socket from, Socket to, Backend.Connection connection)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            while (await from.ReceiveAsync(buffer) is var received and > 0)
            {
                for (var sent = 0; sent < received;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, received - sent));
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // A reset on one side is the end of both directions.
            connection.Abort();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
