using System.Net;
using System.Net.Sockets;
using System.Text;
using Embedded.Hosting.Endpoints;

namespace Shop.Tests.Embedded.Hosting;

public sealed class EndpointProxyTests : IAsyncLifetime
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    private readonly EndpointProxy _proxy = EndpointProxy.Bind(FreePorts.Take());
    private readonly Answerer _one = new("one");
    private readonly Answerer _two = new("two");
    private readonly Backend _first = new("first");
    private readonly Backend _second = new("second");

    public ValueTask InitializeAsync()
    {
        _proxy.Start([_first, _second]);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _one.DisposeAsync();
        await _two.DisposeAsync();
    }

    [Fact]
    public async Task Connections_are_spread_over_the_replicas()
    {
        Up(_first, _one.Port);
        Up(_second, _two.Port);

        var answers = new List<string>();
        for (var i = 0; i < 20; i++)
            answers.Add(await AskAsync());

        Assert.InRange(answers.Count(answer => answer == "one"), 5, 15);
    }

    [Fact]
    public async Task An_unhealthy_replica_gets_nothing_while_another_is_healthy()
    {
        Up(_first, _one.Port);
        Up(_second, _two.Port);
        _first.SetHealth(false);

        for (var i = 0; i < 10; i++)
            Assert.Equal("two", await AskAsync());
    }

    [Fact]
    public async Task If_none_is_healthy_those_that_were_still_answer_for_themselves()
    {
        Up(_first, _one.Port);
        _first.SetHealth(false);

        Assert.Equal("one", await AskAsync());
    }

    [Fact]
    public async Task A_replica_that_refuses_is_skipped_within_the_same_accept()
    {
        Up(_first, FreePorts.Take());
        Up(_second, _two.Port);

        for (var i = 0; i < 10; i++)
            Assert.Equal("two", await AskAsync());
    }

    [Fact]
    public async Task A_caller_waits_for_a_replica_that_is_about_to_come()
    {
        var answer = AskAsync();
        _first.Start(_one.Port);
        Assert.False(answer.IsCompleted);

        _first.SetHealth(true);

        Assert.Equal("one", await answer);
    }

    [Fact]
    public async Task The_connections_of_a_dead_replica_are_closed_at_once()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        Up(_first, ((IPEndPoint)silent.LocalEndpoint).Port);
        using var caller = new TcpClient();
        await caller.ConnectAsync(IPAddress.Loopback, _proxy.Port, Cancellation);
        using var replica = await silent.AcceptTcpClientAsync(Cancellation);
        await Eventually.HoldsAsync(() => _first.ConnectionCount == 1);

        _first.Down();

        Assert.Equal(0, await ReadOrEndAsync(caller));
    }

    [Fact]
    public async Task A_caller_that_has_said_all_still_gets_the_whole_answer()
    {
        using var replica = new TcpListener(IPAddress.Loopback, 0);
        replica.Start();
        Up(_first, ((IPEndPoint)replica.LocalEndpoint).Port);
        using var caller = new TcpClient();
        await caller.ConnectAsync(IPAddress.Loopback, _proxy.Port, Cancellation);
        using var served = await replica.AcceptTcpClientAsync(Cancellation);

        // Asked for now: a TcpClient that has said all no longer gives its stream away.
        var fromCaller = caller.GetStream();
        await fromCaller.WriteAsync("question"u8.ToArray(), Cancellation);
        caller.Client.Shutdown(SocketShutdown.Send);
        using var question = new StreamReader(served.GetStream(), Encoding.ASCII, leaveOpen: true);
        Assert.Equal("question", await question.ReadToEndAsync(Cancellation));
        var answer = new byte[300_000];
        Random.Shared.NextBytes(answer);
        await served.GetStream().WriteAsync(answer, Cancellation);
        served.Close();

        using var received = new MemoryStream();
        await fromCaller.CopyToAsync(received, Cancellation);
        Assert.Equal(answer, received.ToArray());
    }

    [Fact]
    public void A_taken_port_is_refused()
    {
        var refused = Assert.Throws<SocketException>(() => EndpointProxy.Bind(_one.Port));
        Assert.Equal(SocketError.AddressAlreadyInUse, refused.SocketErrorCode);
    }

    private static void Up(Backend backend, int port)
    {
        backend.Start(port);
        backend.SetHealth(true);
    }

    private async Task<string> AskAsync()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _proxy.Port, Cancellation);
        await client.GetStream().WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray(), Cancellation);
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        var answer = await reader.ReadToEndAsync(Cancellation);
        return answer[(answer.LastIndexOf('\n') + 1)..];
    }

    // A reset is as good an end as an orderly one.
    private static async Task<int> ReadOrEndAsync(TcpClient client)
    {
        try
        {
            return await client.GetStream().ReadAsync(new byte[16], Cancellation);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
