using System.Net;
using System.Net.Sockets;

namespace Shop.Tests.Embedded.FillIns;

/// <summary>A network that delivers a server's replies in pieces of one to five bytes.</summary>
internal sealed class ChoppingProxy : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _serverPort;
    private readonly Task _accepting;

    public ChoppingProxy(int serverPort)
    {
        _serverPort = serverPort;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
                connections.Add(RelayAsync(await _listener.AcceptSocketAsync(_stop.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task RelayAsync(Socket client)
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var _ = client;
        client.NoDelay = true;
        await server.ConnectAsync(IPAddress.Loopback, _serverPort, _stop.Token);
        await Task.WhenAny(CopyAsync(client, server, int.MaxValue), CopyAsync(server, client, 5));
    }

    private async Task CopyAsync(Socket from, Socket to, int largestPiece)
    {
        var buffer = new byte[8192];
        var piece = 0;
        try
        {
            while (await from.ReceiveAsync(buffer, _stop.Token) is > 0 and var received)
            {
                for (var sent = 0; sent < received;)
                {
                    var length = Math.Min(largestPiece == int.MaxValue ? received : 1 + (piece++ % largestPiece), received - sent);
                    sent += await to.SendAsync(buffer.AsMemory(sent, length), _stop.Token);
                    await Task.Yield();
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One of the two has gone, or the test is over.
        }
    }
}
