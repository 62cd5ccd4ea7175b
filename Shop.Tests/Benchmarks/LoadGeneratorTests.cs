using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Shop.Benchmarks.Load;

namespace Shop.Tests.Benchmarks;

/// <summary>The load generator against a small web server.</summary>
[Trait("Category", "Unit")]
public sealed class LoadGeneratorTests : IAsyncLifetime
{
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(30);

    private readonly ConcurrentBag<(string Key, string Email)> _orders = [];
    private readonly TaskCompletionSource _stalling = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WebApplication _server;

    public LoadGeneratorTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions>(
            kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _server = builder.Build();
        _server.MapGet("/fixed", () => Results.Text(new string('x', 40_000)));
        _server.MapGet("/missing", () => Results.NotFound());
        _server.MapGet("/chunked", WriteInPiecesAsync);
        _server.MapGet("/once", (HttpResponse response) =>
        {
            response.Headers.Connection = "close";
            return Results.Text("the last one");
        });
        _server.MapGet("/stalls", async () => await _stalling.Task);
        _server.MapPost("/api/v1/orders", async (HttpRequest request) =>
        {
            using var order = await JsonDocument.ParseAsync(request.Body);
            _orders.Add((request.Headers["Idempotency-Key"].ToString(), order.RootElement.GetProperty("email").GetString()!));
            return Results.Accepted();
        });
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IPEndPoint Address => new(
        IPAddress.Loopback,
        new Uri(_server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port);

    public async ValueTask InitializeAsync() => await _server.StartAsync(Cancellation);

    public async ValueTask DisposeAsync()
    {
        _stalling.TrySetResult();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("/fixed", 200)]
    [InlineData("/chunked", 200)]
    [InlineData("/once", 200)]
    [InlineData("/missing", 404)]
    public async Task Every_answer_is_counted_by_its_status_however_its_body_comes(string path, int status)
    {
        var result = await RunAsync(RequestTemplate.Get("page", path), connections: 4, requests: 200);

        Assert.Empty(result.Errors);
        Assert.Equal(200, result.Count("page", status));
        Assert.Equal(200, result.Answers);
    }

    [Fact]
    public async Task Every_order_has_a_key_and_a_customer_of_its_own()
    {
        await RunAsync(RequestTemplate.Order("order", "A-1"), connections: 8, requests: 500);

        Assert.Equal(500, _orders.Count);
        Assert.Equal(500, _orders.Select(order => order.Key).Distinct().Count());
        Assert.Equal(500, _orders.Select(order => order.Email).Distinct().Count());
        Assert.All(_orders, order =>
        {
            Assert.Equal(4, Guid.Parse(order.Key).Version);
            Assert.Matches(@"^buyer-\d{10}@example\.com$", order.Email);
        });
    }

    [Fact]
    public async Task A_mix_is_asked_for_in_its_shares()
    {
        var mix = new Workload(
            new WorkloadShare(3, RequestTemplate.Get("often", "/missing")),
            new WorkloadShare(1, RequestTemplate.Get("seldom", "/missing")));

        var result = await LoadGenerator.RunAsync(new LoadPlan([Address], 4, LongEnough, mix) { MostRequests = 2_000 }, Cancellation);

        // Three of four; the chance to be outside is below one in a million.
        Assert.InRange(result.Count("often", 404), 1_400, 1_600);
    }

    [Fact]
    public async Task By_the_clock_a_stall_counts_for_all_whom_it_kept_waiting()
    {
        const int Requests = 50;
        var running = LoadGenerator.RunAsync(
            new LoadPlan(
                [Address], Connections: 1, LongEnough,
                Workload.Of(RequestTemplate.Get("page", "/stalls")))
            { Rate = 100, MostRequests = Requests }, Cancellation);
        using (var stall = new PeriodicTimer(TimeSpan.FromSeconds(1)))
            await stall.WaitForNextTickAsync(Cancellation);

        _stalling.SetResult();
        var result = await running;

        // All were due within half a second, and the one connection was stuck for a whole one.
        Assert.Equal(Requests, result.Answers);
        Assert.True(result.Latencies(200).Percentile(0.05) > TimeSpan.FromMilliseconds(400),
            $"p5 is {result.Latencies(200).Percentile(0.05)}.");
    }

    [Fact]
    public async Task Requests_without_an_answer_are_counted_by_what_happened()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var hangingUp = HangUpAsync(silent);

        var result = await LoadGenerator.RunAsync(
            new LoadPlan(
                [(IPEndPoint)silent.LocalEndpoint], 1, LongEnough,
                Workload.Of(RequestTemplate.Get("page", "/")))
            { MostRequests = 3 }, Cancellation);
        silent.Stop();
        await hangingUp;

        Assert.Equal(0, result.Answers);
        Assert.Equal(3, result.Errors.Values.Sum());
    }

    [Fact]
    public async Task What_is_no_HTTP_is_an_error_and_no_answer()
    {
        using var stranger = new TcpListener(IPAddress.Loopback, 0);
        stranger.Start();
        var talking = HangUpAsync(stranger, "220 mail.example ESMTP\r\n\r\n");

        var result = await LoadGenerator.RunAsync(
            new LoadPlan(
                [(IPEndPoint)stranger.LocalEndpoint], 1, LongEnough,
                Workload.Of(RequestTemplate.Get("page", "/")))
            { MostRequests = 1 }, Cancellation);
        stranger.Stop();
        await talking;

        Assert.Equal("Not an HTTP/1.1 response.", Assert.Single(result.Errors).Key);
    }

    private static async Task HangUpAsync(TcpListener listener, string words = "")
    {
        try
        {
            while (true)
            {
                using var caller = await listener.AcceptTcpClientAsync(Cancellation);
                var request = new byte[1024];
                await caller.GetStream().ReadAtLeastAsync(request, 1, throwOnEndOfStream: false, Cancellation);
                await caller.GetStream().WriteAsync(Encoding.ASCII.GetBytes(words), Cancellation);
            }
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private static async Task WriteInPiecesAsync(HttpResponse response)
    {
        foreach (var piece in new[] { "one, ", "two, ", new string('3', 20_000) })
        {
            await response.WriteAsync(piece);
            await response.Body.FlushAsync();
        }
    }

    private Task<LoadResult> RunAsync(RequestTemplate request, int connections, int requests) =>
        LoadGenerator.RunAsync(
            new LoadPlan([Address], connections, LongEnough, Workload.Of(request)) { MostRequests = requests }, Cancellation);
}
