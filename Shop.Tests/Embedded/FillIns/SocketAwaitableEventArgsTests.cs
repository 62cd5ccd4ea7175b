using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Pipelines.Sockets.Unofficial;

namespace Shop.Tests.Embedded.FillIns;

public sealed class SocketAwaitableEventArgsTests
{
    [Fact]
    public async Task It_connects_sends_and_receives_with_one_object()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var operation = new SocketAwaitableEventArgs(PipeScheduler.ThreadPool) { RemoteEndPoint = listener.LocalEndpoint };

        if (!socket.ConnectAsync(operation))
            operation.Complete();
        await operation;
        using var peer = await listener.AcceptSocketAsync(TestContext.Current.CancellationToken);

        await peer.SendAsync(new byte[] { 1, 2, 3 }, TestContext.Current.CancellationToken);
        operation.SetBuffer(new byte[16]);
        if (!socket.ReceiveAsync(operation))
            operation.Complete();

        Assert.Equal(3, await operation);
        Assert.Equal(new byte[] { 1, 2, 3 }, operation.MemoryBuffer[..3].ToArray());
    }

    [Fact]
    public async Task A_refused_connection_is_an_exception()
    {
        using var unused = new TcpListener(IPAddress.Loopback, 0);
        unused.Start();
        var endpoint = unused.LocalEndpoint;
        unused.Stop();

        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var operation = new SocketAwaitableEventArgs { RemoteEndPoint = endpoint };
        if (!socket.ConnectAsync(operation))
            operation.Complete();

        var error = await Assert.ThrowsAsync<SocketException>(async () => await operation);
        Assert.Equal(SocketError.ConnectionRefused, error.SocketErrorCode);
    }

    [Fact]
    public async Task An_abort_ends_the_wait_with_its_error()
    {
        using var operation = new SocketAwaitableEventArgs();
        var waiting = Task.Run(async () => await operation, TestContext.Current.CancellationToken);

        operation.Abort(SocketError.TimedOut);

        var error = await Assert.ThrowsAsync<SocketException>(() => waiting.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        Assert.Equal(SocketError.TimedOut, error.SocketErrorCode);
    }
}
