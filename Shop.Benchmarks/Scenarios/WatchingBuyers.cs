using System.Collections.Concurrent;
using System.Net.ServerSentEvents;
using Microsoft.Extensions.Options;
using Shop.Contracts;
using Shop.Infrastructure.Ordering;

namespace Shop.Benchmarks.Scenarios;

/// <summary>
/// Whoever has bought does what a browser does then: loads the order's page, follows its events, and loads the page again when they
/// tell of something. All of it through the gateway, each buyer with an address of their own.
/// </summary>
internal sealed class WatchingBuyers : IAsyncDisposable
{
    private const string Processing = "processing";

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ComeAgain = TimeSpan.FromSeconds(1);

    /// <summary>An order may be committed after one with a later id.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(5);

    private readonly ShopTopology _shop;
    private readonly OrderTokens _tokens;
    private readonly HttpClient _http;
    private readonly CancellationTokenSource _end = new();
    private readonly CancellationTokenSource _enough = new();
    private readonly HashSet<Guid> _seen = [];
    private readonly List<Task> _buyers = [];
    private readonly ConcurrentQueue<double> _pages = [];
    private readonly ConcurrentQueue<string> _failures = [];
    private readonly Task _looking;
    private int _watching, _mostAtOnce, _told, _turnedAway;

    /// <summary>From now on all orders have watchers.</summary>
    public WatchingBuyers(ShopTopology shop)
    {
        _shop = shop;
        _tokens = new OrderTokens(Options.Create(new OrderingOptions { OrderTokenKey = shop.OrderTokenKey }));
        _http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false })
        {
            BaseAddress = new Uri($"http://{shop.Gateway}"),
        };
        _looking = LookAsync(DateTimeOffset.UtcNow);
    }

    /// <summary>The columns of <see cref="FinishAsync"/>.</summary>
    public static TextTable Table => new(
        "run", "buyers", "streams at once", "told of the end", "asked to come again", "pages", "p95 ms", "max ms", "failures");

    /// <summary>Nobody new is waited for; those there are may stay until they have been told.</summary>
    /// <param name="table">Gets a row of what they saw.</param>
    /// <param name="run">Its first column.</param>
    /// <param name="within">How long the last of them stays.</param>
    /// <returns>Whether every page answered 200 and everybody was told what became of the order.</returns>
    public async Task<bool> FinishAsync(TextTable table, string run, TimeSpan within)
    {
        await _enough.CancelAsync();
        await _looking;
        _end.CancelAfter(within);
        await Task.WhenAll(_buyers);
        var pages = _pages.Order().ToArray();
        table.Add(
            run, Figure.Count(_seen.Count), Figure.Count(_mostAtOnce), Figure.Count(_told), Figure.Count(_turnedAway),
            Figure.Count(pages.Length), $"{pages[(int)(0.95 * (pages.Length - 1))]:0.0}", $"{pages[^1]:0.0}",
            Figure.Count(_failures.Count));
        return _failures.IsEmpty && _told == _seen.Count;
    }

    /// <summary>What went wrong, each kind once.</summary>
    public IEnumerable<string> Failures => _failures.GroupBy(failure => failure).Select(kind => $"{kind.Count()} times {kind.Key}");

    public async ValueTask DisposeAsync()
    {
        await _enough.CancelAsync();
        await _end.CancelAsync();
        await _looking;
        await Task.WhenAll(_buyers);
        _http.Dispose();
        _enough.Dispose();
        _end.Dispose();
    }

    private async Task LookAsync(DateTimeOffset since)
    {
        try
        {
            while (true)
            {
                var from = DateTimeOffset.UtcNow - Overlap;
                await using var command = _shop.Database.CreateCommand("SELECT id FROM ordering.orders WHERE id >= $1 AND placed_at >= $2");
                command.Parameters.Add(new() { Value = Guid.CreateVersion7(from > since ? from : since) });
                command.Parameters.Add(new() { Value = since });
                await using (var rows = await command.ExecuteReaderAsync(_enough.Token))
                {
                    while (await rows.ReadAsync(_enough.Token))
                    {
                        if (_seen.Add(rows.GetGuid(0)))
                            _buyers.Add(WatchAsync(rows.GetGuid(0), _seen.Count));
                    }
                }

                await Task.Delay(LookEvery, _enough.Token);
            }
        }
        catch (OperationCanceledException) when (_enough.IsCancellationRequested)
        {
            // The end, which is no failure.
        }
    }

    private async Task WatchAsync(Guid orderId, int number)
    {
        try
        {
            var (token, address) = (_tokens.Create(orderId), $"198.18.{number / 250 % 250}.{number % 250}");
            await LoadPageAsync(orderId, token, address);
            while (!await FollowAsync(orderId, token, address))
                await Task.Delay(ComeAgain, _end.Token);
            Interlocked.Increment(ref _told);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException)
        {
            _failures.Enqueue(failure.GetType().Name + ": " + failure.Message);
        }
    }

    /// <returns>Whether the order is settled.</returns>
    private async Task<bool> FollowAsync(Guid orderId, string token, string address)
    {
        using var request = Request($"/api/v1/orders/{orderId}/events", address, ("Order-Token", token));
        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _end.Token);
        if (answer.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests)
        {
            Interlocked.Increment(ref _turnedAway);
            return false;
        }

        answer.EnsureSuccessStatusCode();
        var watching = Interlocked.Increment(ref _watching);
        InterlockedMax(ref _mostAtOnce, watching);
        try
        {
            var body = await answer.Content.ReadAsStreamAsync(_end.Token);
            var shown = Processing;
            await foreach (
                var change in SseParser.Create(body, (_, data) => JsonSerializer.Deserialize(data, ShopJson.Default.OrderStatusChanged)!)
                .EnumerateAsync(_end.Token))
            {
                if (change.Data.Status == shown)
                    continue;
                shown = change.Data.Status;
                await LoadPageAsync(orderId, token, address);
                if (shown != Processing)
                    return true;
            }

            return false;
        }
        finally
        {
            Interlocked.Decrement(ref _watching);
        }
    }

    private async Task LoadPageAsync(Guid orderId, string token, string address)
    {
        var start = Stopwatch.GetTimestamp();
        using var request = Request($"/orders/{orderId}", address, ("Cookie", $"order-{orderId:N}={token}"));
        using var answer = await _http.SendAsync(request, _end.Token);
        answer.EnsureSuccessStatusCode();
        _pages.Enqueue(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    private static HttpRequestMessage Request(string path, string address, (string Name, string Value) header)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("X-Forwarded-For", address);
        request.Headers.Add(header.Name, header.Value);
        return request;
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen;)
        {
            var was = Interlocked.CompareExchange(ref most, value, seen);
            if (was == seen)
                return;
            seen = was;
        }
    }
}
