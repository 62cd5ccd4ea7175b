using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pipelines.Sockets.Unofficial;

namespace Shop.Tests.Embedded.FillIns;

public sealed class SocketConnectionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Megabytes_pass_both_ways_at_once_unharmed()
    {
        var (client, server) = await PairAsync();
        using var near = SocketConnection.Create(client, PipeOptions.Default, PipeOptions.Default);
        using var far = SocketConnection.Create(server, PipeOptions.Default, PipeOptions.Default);
        var there = RandomNumberGenerator.GetBytes(5_000_000);
        var back = RandomNumberGenerator.GetBytes(3_000_001);

        var sending = Task.WhenAll(SendAsync(near.Output, there), SendAsync(far.Output, back));
        var atFar = ReceiveAsync(far.Input, there.Length);
        var atNear = ReceiveAsync(near.Input, back.Length);
        await sending.WaitAsync(Patience, Cancelled);

        Assert.Equal(there, await atFar.WaitAsync(Patience, Cancelled));
        Assert.Equal(back, await atNear.WaitAsync(Patience, Cancelled));
        Assert.Equal(there.Length, far.BytesRead);
        Assert.Equal(back.Length, near.TotalBytesReceived);
        Assert.Equal(there.Length, near.BytesSent);
        Assert.Equal(PipeShutdownKind.None, near.ShutdownKind);
        Assert.Equal(0, near.GetCounters().BytesWaitingToBeRead);
        Assert.Equal(0, near.GetCounters().BytesWaitingToBeSent);
    }

    [Fact]
    public async Task The_counters_tell_where_bytes_wait()
    {
        var (client, peer) = await PairAsync();
        using var _ = peer;
        using var connection = SocketConnection.Create(client, PipeOptions.Default, PipeOptions.Default);

        await peer.SendAsync(new byte[100], Cancelled);
        var read = await connection.Input.ReadAtLeastAsync(100, Cancelled);
        connection.Input.AdvanceTo(read.Buffer.GetPosition(40), read.Buffer.End);

        Assert.Equal(60, connection.GetCounters().BytesWaitingToBeRead);

        connection.Output.Advance(connection.Output.GetMemory(10).Length > 9 ? 10 : 0);
        Assert.Equal(10, connection.GetCounters().BytesWaitingToBeSent);
    }

    [Fact]
    public async Task The_end_of_the_peer_ends_the_input()
    {
        var (client, peer) = await PairAsync();
        using var connection = SocketConnection.Create(client, PipeOptions.Default, PipeOptions.Default);

        await peer.SendAsync(new byte[] { 7 }, Cancelled);
        peer.Shutdown(SocketShutdown.Send);

        Assert.Equal([7], await ReceiveAsync(connection.Input, 1).WaitAsync(Patience, Cancelled));
        Assert.True((await connection.Input.ReadAsync(Cancelled).AsTask().WaitAsync(Patience, Cancelled)).IsCompleted);
        Assert.Equal(PipeShutdownKind.ReadEndOfStream, connection.ShutdownKind);
        Assert.Equal(0, connection.LastReceived);
        peer.Dispose();
    }

    [Fact]
    public async Task Completing_the_output_lets_the_peer_read_to_the_end()
    {
        var (client, peer) = await PairAsync();
        using var connection = SocketConnection.Create(client, PipeOptions.Default, PipeOptions.Default);

        await connection.Output.WriteAsync(new byte[] { 1, 2 }, Cancelled);
        await connection.Output.CompleteAsync();

        await using var stream = new NetworkStream(peer, ownsSocket: true);
        using var received = new MemoryStream();
        await stream.CopyToAsync(received, Cancelled).WaitAsync(Patience, Cancelled);
        Assert.Equal([1, 2], received.ToArray());
    }

    [Fact]
    public async Task A_reset_by_the_peer_is_an_exception_that_says_so()
    {
        var (client, peer) = await PairAsync();
        using var connection = SocketConnection.Create(client, PipeOptions.Default, PipeOptions.Default);
        var reading = connection.Input.ReadAsync(Cancelled).AsTask();

        peer.LingerState = new LingerOption(true, 0);
        peer.Close();

        await Assert.ThrowsAsync<ConnectionResetException>(() => reading.WaitAsync(Patience, Cancelled));
        Assert.Equal(PipeShutdownKind.ReadSocketError, connection.ShutdownKind);
        Assert.Equal(SocketError.ConnectionReset, connection.SocketError);
    }

    [Fact]
    public async Task Disposing_ends_a_pending_read_and_a_blocked_flush()
    {
        var (client, peer) = await PairAsync();
        using var _ = peer;
        var connection = SocketConnection.Create(client, PipeOptions.Default, PipeOptions.Default);
        var reading = connection.Input.ReadAsync(Cancelled).AsTask();
        // More than the peer, who reads nothing, can be given.
        var writing = SendAsync(connection.Output, new byte[50_000_000]);

        connection.Dispose();

        Assert.True((await reading.WaitAsync(Patience, Cancelled)).IsCompleted);
        await writing.WaitAsync(Patience, Cancelled);
        Assert.Equal(PipeShutdownKind.PipeDisposed, connection.ShutdownKind);
        Assert.False(connection.TrySetProtocolShutdown(PipeShutdownKind.ProtocolExitClient));
    }

    [Fact]
    public async Task The_first_reason_for_the_end_is_kept()
    {
        var (client, peer) = await PairAsync();
        using var _ = peer;
        var connection = SocketConnection.Create(client, PipeOptions.Default, PipeOptions.Default);

        Assert.True(connection.TrySetProtocolShutdown(PipeShutdownKind.ProtocolExitClient));
        connection.Dispose();

        Assert.Equal(PipeShutdownKind.ProtocolExitClient, connection.ShutdownKind);
        Assert.Equal(400, (int)connection.ShutdownKind);
    }

    [Fact]
    public async Task A_stream_under_TLS_is_a_pipe_too()
    {
        var (client, server) = await PairAsync();
        using var certificate = SelfSigned();
        await using var farStream = new SslStream(new NetworkStream(server, ownsSocket: true));
        // The certificate is of this test's own making: nothing but its presence can be checked.
        var nearStream = new SslStream(new NetworkStream(client, ownsSocket: true), false, (_, presented, _, _) => presented is not null);
        await Task.WhenAll(
            farStream.AuthenticateAsServerAsync(certificate),
            nearStream.AuthenticateAsClientAsync("localhost")).WaitAsync(Patience, Cancelled);

        var pipe = StreamConnection.GetDuplex(nearStream, PipeOptions.Default, PipeOptions.Default);
        using var _ = (IDisposable)pipe;
        var sent = RandomNumberGenerator.GetBytes(2_000_000);
        var echo = EchoAsync(farStream, sent.Length);
        await SendAsync(pipe.Output, sent).WaitAsync(Patience, Cancelled);

        Assert.Equal(sent, await ReceiveAsync(pipe.Input, sent.Length).WaitAsync(Patience, Cancelled));
        await echo.WaitAsync(Patience, Cancelled);
        Assert.Equal(sent.Length, ((IMeasuredDuplexPipe)pipe).TotalBytesSent);
    }

    private static async Task<(Socket Client, Socket Server)> PairAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        SocketConnection.SetRecommendedClientOptions(client);
        Assert.True(client.NoDelay);
        await client.ConnectAsync(listener.LocalEndpoint, Cancelled);
        return (client, await listener.AcceptSocketAsync(Cancelled));
    }

    private static async Task SendAsync(PipeWriter output, byte[] content)
    {
        foreach (var part in content.Chunk(100_000))
        {
            var flushed = await output.WriteAsync(part, Cancelled);
            if (flushed.IsCompleted)
                return;
        }
    }

    private static async Task<byte[]> ReceiveAsync(PipeReader input, int length)
    {
        var received = new ArrayBufferWriter<byte>(length);
        while (received.WrittenCount < length)
        {
            var read = await input.ReadAsync(Cancelled);
            foreach (var segment in read.Buffer)
                received.Write(segment.Span);
            input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                break;
        }

        return received.WrittenSpan.ToArray();
    }

    private static async Task EchoAsync(Stream stream, int length)
    {
        var buffer = new byte[length];
        await stream.ReadExactlyAsync(buffer, Cancelled);
        await stream.WriteAsync(buffer, Cancelled);
        await stream.FlushAsync(Cancelled);
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var now = DateTimeOffset.UtcNow;
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
