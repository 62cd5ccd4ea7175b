using System.Buffers.Text;
using System.Net.Http.Json;
using System.Net.Sockets;
using Shop.Benchmarks.Load;
using Shop.Contracts;
using Shop.Contracts.Ordering;

namespace Shop.Benchmarks.Scenarios;

/// <summary>What strangers once could do to the shop, done again from outside: what happens now.</summary>
internal sealed class StrangersScenario
{
    private const int Streams = 2_000;
    private const int Leaving = 500;
    private const int Watched = 200;
    private const int Pairs = 100;
    private const int Refused = 100;
    private const int Connections = 32;
    private const int Windows = 3;

    /// <summary>RateLimitOptions' defaults, a minute.</summary>
    private const int MostWrites = 120;

    private const int MostGuesses = 20;

    private const string Abuser = "203.0.113.66";
    private const string Customer = "198.51.100.7";

    private static readonly TimeSpan Beside = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(2);

    private readonly ShopTopology _shop;
    private readonly MeasuredLoad _load;
    private readonly Report _report;
    private readonly TextTable _table = new("what was done", "what happens now", "holds");
    private readonly CancellationToken _cancellation;
    private string[] _skus = [];
    private bool _good = true;

    private StrangersScenario(ShopTopology shop, MeasuredLoad load, Report report, CancellationToken cancellationToken) =>
        (_shop, _load, _report, _cancellation) = (shop, load, report, cancellationToken);

    private Uri Api => new($"http://{_shop.Api[0]}");

    private Uri Web => new($"http://{_shop.Gateway}");

    public static async Task<bool> RunAsync(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var report = new Report("strangers", options);
        report.Say("strangers: starting the shop");
        // All streams of the test come from one address.
        var settings = new Dictionary<string, string>(options.Settings)
        {
            ["Ordering__Watch__MaxStreams"] = $"{Streams}",
            ["Ordering__Watch__MaxPerAddress"] = $"{Streams}",
            ["Ordering__Watch__MaxPerOrder"] = $"{Streams / Watched}",
        };
        await using var shop = await ShopTopology.StartAsync(
            new TopologyOptions { ApiReplicas = 2, Settings = settings }, cancellationToken);
        var load = new MeasuredLoad(shop, options, report);
        var scenario = new StrangersScenario(shop, load, report, cancellationToken);
        await scenario.AllAsync();
        report.Show("From outside", scenario._table);
        scenario._good &= await load.AuditAsync(Rest, cancellationToken);
        report.Conclude(scenario._good ? "Every line holds." : "NOT every line holds.");
        await report.SaveAsync(cancellationToken);
        return scenario._good;
    }

    private async Task AllAsync()
    {
        _skus = await StockedProducts.SkusAsync(_shop, 20, _cancellation);
        await StockedProducts.FillAsync(_shop, _skus, 100_000, _cancellation);
        await _load.WarmUpAsync(Workload.Of(RequestTemplate.Get("list", "/api/v1/products?pageSize=24")), _cancellation);
        await WatchAsync();
        await PoisonAsync();
        await CursorsAsync();
        await TwoTabsAsync();
        await PricesAsync();
        await RefusedCardsAsync();
        await GarbageAsync();
        await LimitsAsync();
    }

    private void Row(string done, string now, bool holds)
    {
        _good &= holds;
        _table.Add(done, now, holds ? "yes" : "NO");
        _report.Say($"  {done}: {now}{(holds ? "" : " — DOESN'T HOLD")}");
    }

    /// <summary>Customers who look at their orders while the payment takes its time.</summary>
    private async Task WatchAsync()
    {
        using var customer = new Stranger(Api, Customer);
        await _shop.CommandAsync("worker", "stop", _cancellation);
        var orders = await Task.WhenAll(Enumerable.Range(0, Watched).Select(number =>
            customer.BuyAsync(Stranger.Order(_skus[number % _skus.Length]), _cancellation)));
        // The first ones make the code fast.
        await LooksAsync();
        var before = await LooksAsync();
        var (memory, sessions) = (await MemoryOfApiAsync(), await SessionsAsync());
        var streams = await OpenAsync(customer, orders, Streams);
        var memoryOpen = await MemoryOfApiAsync();
        var (watched, sessionsWith) = (await LooksAsync(), await SessionsAsync());
        // What the collector keeps for later is in all of these: only large streams would show.
        var memoryThen = await MemoryOfApiAsync();

        using var more = await WatchOneAsync(customer, orders[0]);
        var open = streams.Count;
        foreach (var stream in streams.Take(Leaving))
            stream.Dispose();
        var again = await OpenAsync(customer, orders, Leaving);
        Row(
            $"{Streams} event streams open at one replica, and one more; then {Leaving} leave at once and {Leaving} others come",
            $"{open} open; {(int)more.StatusCode} with Retry-After {more.Headers.RetryAfter}; "
            + $"then {again.Count} of {Leaving} have their places",
            open == Streams && again.Count == Leaving
            && more.StatusCode is HttpStatusCode.ServiceUnavailable && more.Headers.RetryAfter is not null);
        foreach (var stream in streams.Concat(again))
            stream.Dispose();
        var anew = await OpenAsync(customer, orders, Streams);
        Row("all leave, and as many come", $"{anew.Count} of {Streams} have their places: nothing was left behind", anew.Count == Streams);
        anew.ForEach(stream => stream.Dispose());
        var after = await LooksAsync();
        Row(
            $"lists are looked at beside {Streams} streams",
            $"p95 {before.P95:0.0} ms before, {watched.P95:0.0} ms with them, {after.P95:0.0} ms after; "
            + $"the replica's memory {Figure.MebiBytes(memory)} MiB before, {Figure.MebiBytes(memoryOpen)} with them, "
            + $"{Figure.MebiBytes(memoryThen)} after lists beside them ({(memoryThen - memory) / 1024.0 / Streams:0.0} KiB a stream); "
            + $"{sessions} database sessions before, {sessionsWith} with; {before.Failed + watched.Failed + after.Failed} not answered 200",
            watched.P95 <= 2 * Math.Min(before.P95, after.P95) && before.Failed + watched.Failed + after.Failed == 0
            && sessionsWith <= sessions + Streams / 100);
        await _shop.CommandAsync("worker", "start", _cancellation);
        await _load.RestAsync(Rest, _cancellation);
    }

    /// <summary>Lists that nobody has kept, the median of some windows.</summary>
    private async Task<(double P95, long Failed)> LooksAsync()
    {
        var workload = Workload.Of([.. Enumerable.Range(100_000_000, 20_000).Select(price =>
            RequestTemplate.Get("list", $"/api/v1/products?pageSize=24&maxPrice={price}"))]);
        var windows = new List<LoadWindow>();
        for (var window = 0; window < Windows; window++)
            windows.Add(await _load.MeasureAsync(new LoadPlan([_shop.Api[0]], Connections, Window, workload), success: 200, _cancellation));
        return (Figure.Median(windows.Select(window => window.P95.TotalMilliseconds)), windows.Sum(window => window.Failures));
    }

    /// <summary>
    /// Opens streams, each order's in turn; those that are refused are tried for a while, since a client's leaving takes a moment to be
    /// seen.
    /// </summary>
    private async Task<List<HttpResponseMessage>> OpenAsync(Stranger customer, OrderAccepted[] orders, int count)
    {
        var open = new List<HttpResponseMessage>(count);
        var until = Stopwatch.StartNew();
        while (open.Count < count && until.Elapsed < TimeSpan.FromSeconds(30))
        {
            var batch = await Task.WhenAll(Enumerable.Range(0, Math.Min(100, count - open.Count))
                .Select(number => WatchOneAsync(customer, orders[(open.Count + number) % orders.Length])));
            foreach (var answer in batch)
            {
                if (answer.IsSuccessStatusCode)
                    open.Add(answer);
                else
                    answer.Dispose();
            }

            // Nobody's turn to come back at once.
            if (batch.Any(answer => !answer.IsSuccessStatusCode))
                orders = [.. orders.Skip(7), .. orders.Take(7)];
        }

        return open;
    }

    private Task<HttpResponseMessage> WatchOneAsync(Stranger customer, OrderAccepted order) => customer.SendAsync(
        HttpMethod.Get, $"/api/v1/orders/{order.OrderId}/events", headers: [("Order-Token", order.OrderToken)],
        until: HttpCompletionOption.ResponseHeadersRead, cancellationToken: _cancellation);

    /// <summary>Of the replica that is watched: what it alone has, and its share of what it has with others (proc(5)).</summary>
    private async Task<long> MemoryOfApiAsync()
    {
        var id = AppProcesses.ProcessIdOf((await _shop.App.InstancesAsync("apiservice", _cancellation))[0]);
        var pss = (await File.ReadAllLinesAsync($"/proc/{id}/smaps_rollup", _cancellation))
            .First(line => line.StartsWith("Pss:", StringComparison.Ordinal));
        return long.Parse(pss.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    private Task<long> SessionsAsync() => _shop.AskAsync<long>(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()", _cancellation);

    /// <summary>One client finds something that fails.</summary>
    private async Task PoisonAsync()
    {
        using var customer = new Stranger(Web, Customer);
        using var abuser = new Stranger(Web, Abuser);
        string[] pages = ["/", "/products", $"/product/{(await StockedProducts.SlugsAsync(_shop, 1, _cancellation))[0]}"];
        var (honest, poisoned) = await BesideAsync(
            number => customer.AskAsync(HttpMethod.Get, pages[number % pages.Length], cancellationToken: _cancellation), 20,
            number =>
            {
                // The page asks for the order with what the cookie of this very order holds.
                var order = Guid.NewGuid();
                var path = (number % 4) switch
                {
                    0 => $"/product/{Guid.Empty}",
                    1 => "/products?q=%00",
                    2 => "/product/%00",
                    _ => $"/orders/{order}",
                };
                return abuser.AskAsync(
                    HttpMethod.Get, path, headers: [("Cookie", $"order-{order:N}=é; basket=é")], cancellationToken: _cancellation);
            }, 10);
        Row(
            "10 poisoned pages a second beside 20 honest ones", $"honest: {Counted(honest)}; poisoned: {Counted(poisoned)}",
            AreAll(honest, HttpStatusCode.OK) && poisoned.All(status => status < HttpStatusCode.InternalServerError));
    }

    private async Task CursorsAsync()
    {
        using var customer = new Stranger(Api, Customer);
        using var abuser = new Stranger(Api, Abuser);
        var id = Guid.NewGuid().ToString("N");
        string[] sorts = ["price", "-price", "rating", "newest"];
        string[] cursors =
        [
            .. sorts.SelectMany(sort => new[] { "x", Cursor("garbage"), Cursor($"{id}midnight'") }
                .Select(cursor => $"sort={sort}&cursor={cursor}")),
            $"sort=price&cursor={Cursor($"{id}9223372036854775808")}", $"sort=rating&cursor={Cursor($"{id}NaN")}",
            $"sort=newest&cursor={Cursor($"{id}9999-99-99")}", $"sort=relevance&search=tent&cursor={Cursor($"{id}Infinity")}",
            $"sort=name&cursor={Cursor($"{id}a\0b")}",
        ];
        var (honest, invented) = await BesideAsync(
            number => LookAsync(customer, $"pageSize=12&minPrice={number}"), 40,
            number => LookAsync(abuser, cursors[number % cursors.Length]), 50);
        Row(
            "50 invented cursors a second beside 40 honest lists", $"honest: {Counted(honest)}; invented: {Counted(invented)}",
            AreAll(honest, HttpStatusCode.OK) && AreAll(invented, HttpStatusCode.BadRequest));

        Task<HttpStatusCode> LookAsync(Stranger client, string query) =>
            client.AskAsync(HttpMethod.Get, $"/api/v1/products?{query}", cancellationToken: _cancellation);

        static string Cursor(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
    }

    private async Task<(HttpStatusCode[] Honest, HttpStatusCode[] Others)> BesideAsync(
        Func<int, Task<HttpStatusCode>> honest, int honestRate, Func<int, Task<HttpStatusCode>> others, int otherRate)
    {
        var abuse = ByTheClockAsync(others, otherRate);
        return (await ByTheClockAsync(honest, honestRate), await abuse);
    }

    private static bool AreAll(IEnumerable<HttpStatusCode> statuses, HttpStatusCode expected) => statuses.All(status => status == expected);

    private async Task<HttpStatusCode[]> ByTheClockAsync(Func<int, Task<HttpStatusCode>> ask, int rate)
    {
        var asked = new List<Task<HttpStatusCode>>();
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < Beside && await pulse.WaitForNextTickAsync(_cancellation))
        {
            while (asked.Count < Stopwatch.GetElapsedTime(start).TotalSeconds * rate)
                asked.Add(ask(asked.Count));
        }

        return await Task.WhenAll(asked);
    }

    private static string Counted(IEnumerable<HttpStatusCode> statuses) => string.Join(
        ", ", statuses.CountBy(status => (int)status).OrderBy(status => status.Key).Select(status => $"{status.Key} × {status.Value}"));

    /// <summary>The same basket ordered twice at once, each time with a key of its own.</summary>
    private async Task TwoTabsAsync()
    {
        using var customer = new Stranger(Web, Customer);
        var (accepted, told, before) = (0, 0, await OrdersAsync());
        for (var pair = 0; pair < Pairs; pair++)
        {
            var basket = await customer.PutAsync(Guid.NewGuid(), _skus[pair % _skus.Length], 1, _cancellation);
            var answers = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ =>
                customer.OrderAsync(Stranger.Order(null, basket: basket), Guid.NewGuid(), _cancellation)));
            accepted += answers.Count(answer => answer.StatusCode is HttpStatusCode.Accepted);
            foreach (var answer in answers.Where(answer => answer.StatusCode is HttpStatusCode.Conflict))
                told += await TypeOfAsync(answer) == "basket-already-ordered" ? 1 : 0;
            Array.ForEach(answers, answer => answer.Dispose());
        }

        var orders = await OrdersAsync() - before;
        Row(
            $"{Pairs} baskets, each ordered twice at once", $"{accepted} accepted, {orders} orders, {told} times told of the first one",
            (accepted, orders, told) == (Pairs, Pairs, Pairs));
    }

    private Task<long> OrdersAsync() => _shop.AskAsync<long>("SELECT count(*) FROM ordering.orders", _cancellation);

    private async Task<string?> TypeOfAsync(HttpResponseMessage answer) =>
        (await answer.Content.ReadFromJsonAsync<JsonNode>(_cancellation))?["type"]?.GetValue<string>().Split(':')[^1];

    private async Task PricesAsync()
    {
        using var customer = new Stranger(Web, Customer);
        var seen = await customer.PutAsync(Guid.NewGuid(), _skus[0], 1, _cancellation);
        await customer.PutAsync(seen.Id, _skus[1], 1, _cancellation);
        var before = await OrdersAsync();
        using var changed = await customer.OrderAsync(Stranger.Order(null, basket: seen), Guid.NewGuid(), _cancellation);
        using var grown = await customer.OrderAsync(
            Stranger.Order(null, basket: seen) with { BasketVersion = null }, Guid.NewGuid(), _cancellation);
        var (told, toldOfPrice) = (await TypeOfAsync(changed), await TypeOfAsync(grown));
        var orders = await OrdersAsync() - before;
        Row(
            "a basket is filled in another tab before it is ordered",
            $"{(int)changed.StatusCode} {told}; without the basket's version {(int)grown.StatusCode} {toldOfPrice}; {orders} orders",
            (told, toldOfPrice, orders) == ("basket-changed", "price-changed", 0));

        var (key, order) = (Guid.NewGuid(), Stranger.Order(_skus[0], expected: seen.Total));
        await _shop.AskAsync<long>(
            "UPDATE catalog.variants SET price_minor = price_minor + 100 WHERE sku = $1 RETURNING price_minor", _cancellation, _skus[0]);
        using var dearer = await customer.OrderAsync(order, key, _cancellation);
        var problem = await dearer.Content.ReadFromJsonAsync<JsonNode>(_cancellation);
        var total = new Money(problem?["total"]?["amount"]?.GetValue<long>() ?? 0, seen.Total.Currency);
        var ordersThen = await OrdersAsync() - before;
        using var agreed = await customer.OrderAsync(order with { ExpectedTotal = total }, key, _cancellation);
        Row(
            "a price rises between page and click",
            $"{(int)dearer.StatusCode} {problem?["type"]} with the new total and {ordersThen} orders; "
            + $"the same key with that total: {(int)agreed.StatusCode}",
            total.Amount == seen.Total.Amount + 100 && ordersThen == 0 && agreed.StatusCode is HttpStatusCode.Accepted);
    }

    private async Task RefusedCardsAsync()
    {
        using var customer = new Stranger(Web, Customer);
        var orders = await Task.WhenAll(Enumerable.Range(0, Refused).Select(number =>
            customer.BuyAsync(Stranger.Order(_skus[number % _skus.Length], "tok_declined"), _cancellation)));
        await UntilAsync(customer, orders, order => order.Payment.Status == "refused");
        var paid = await Task.WhenAll(orders.Select(order => customer.AskAsync(
            HttpMethod.Post, $"/api/v1/orders/{order.OrderId}/payments", """{"method":"card","token":"tok_visa"}""",
            [("Order-Token", order.OrderToken)], _cancellation)));
        await UntilAsync(customer, orders, order => order.Status == "confirmed");
        var charges = await _shop.AskAsync<long>(
            "SELECT coalesce(sum(times_charged), 0)::bigint FROM simulated_provider.charges WHERE left(idempotency_key, 32) = ANY ($1)",
            _cancellation, (object)orders.Select(order => order.OrderId.ToString("N")).ToArray());
        Row($"{Refused} cards refused, then paid with another", $"answers: {Counted(paid)}; all confirmed, {charges} charges",
            charges == Refused && AreAll(paid, HttpStatusCode.Accepted));
    }

    private async Task UntilAsync(Stranger customer, OrderAccepted[] orders, Func<OrderDetails, bool> holds)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_cancellation);
        limit.CancelAfter(Rest);
        foreach (var order in orders)
        {
            while (!holds(await customer.FindAsync(order, limit.Token)))
                await Task.Delay(100, limit.Token);
        }
    }

    private async Task GarbageAsync()
    {
        using var stranger = new Stranger(Web, Abuser);
        var statuses = new List<string>();
        var product = $"/product/{(await StockedProducts.SlugsAsync(_shop, 1, _cancellation))[0]}";
        foreach (var path in (string[])["/", "/products", product, "/health", "/api/v1/products"])
        {
            await AskAsync(HttpMethod.Head, path, 200);
            if (await BytesAfterHeadAsync(path) is var bytes and > 0)
                statuses.Add($"HEAD {path} with {bytes} bytes, not none");
        }

        using (var options = await stranger.SendAsync(HttpMethod.Options, "/api/v1/products", cancellationToken: _cancellation))
        {
            var allow = string.Join(", ", options.Content.Headers.Allow);
            statuses.Add(options.StatusCode is HttpStatusCode.NoContent && allow.Contains("GET", StringComparison.Ordinal)
                ? $"OPTIONS 204, Allow {allow}" : $"OPTIONS {(int)options.StatusCode}, Allow {allow}, not 204 with GET");
        }

        foreach (var what in (string[])["q", "brand", "category", "search"])
        {
            await AskAsync(HttpMethod.Get, $"/products?{what}=%00", 400);
            await AskAsync(HttpMethod.Get, $"/api/v1/products?{what}=%00", 400);
        }

        await AskAsync(HttpMethod.Post, "/api/v1/orders", 415, "{}", ("Content-Type", "application/json; charset=foo"));
        await AskAsync(HttpMethod.Post, "/api/v1/orders", 400, "{}", ("Content-Type", "application/json"));
        await AskAsync(HttpMethod.Get, "/product/", 404);
        await AskAsync(HttpMethod.Get, "/product/%20", 404);
        await AskAsync(HttpMethod.Get, "/api/v1/products/%20", 404);
        Row(
            "HEAD, OPTIONS, NUL, unknown charsets, empty names", string.Join("; ", statuses.Distinct()),
            statuses.TrueForAll(said => !said.Contains(", not ", StringComparison.Ordinal)));

        async Task AskAsync(HttpMethod method, string path, int expected, string? body = null, params (string, string)[] headers)
        {
            var status = (int)await stranger.AskAsync(method, path, body, headers, _cancellation);
            statuses.Add(status == expected ? $"{method} {status}" : $"{method} {path} {status}, not {expected}");
        }
    }

    /// <summary>What a HEAD is answered with after the answer's head; an HTTP client doesn't even look there.</summary>
    private async Task<int> BytesAfterHeadAsync(string path)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(_shop.Gateway, _cancellation);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"HEAD {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"), _cancellation);
        using var answer = new MemoryStream();
        await stream.CopyToAsync(answer, _cancellation);
        var bytes = answer.ToArray();
        return bytes.Length - bytes.AsSpan().IndexOf("\r\n\r\n"u8) - 4;
    }

    /// <summary>Limits as they are by default, and two replicas that count together.</summary>
    private async Task LimitsAsync()
    {
        var addresses = new List<IPEndPoint>();
        foreach (var replica in await _shop.App.InstancesAsync("apiservice", _cancellation))
        {
            addresses.Add(await _shop.RestartReplicaAsync(
                replica, new Dictionary<string, string> { ["RateLimiting__Enabled"] = "true" }, _cancellation));
        }

        using var customer = new Stranger(new Uri($"http://{addresses[0]}"), Customer);
        var order = JsonSerializer.Serialize(Stranger.Order(_skus[0]), ShopJson.Default.PlaceOrder);
        await AskAsync("orders", 200, MostWrites, "203.0.113.7", stranger => stranger.SendAsync(
            HttpMethod.Post, "/api/v1/orders", order, [("Idempotency-Key", $"{Guid.NewGuid()}")], cancellationToken: _cancellation));
        await AskAsync("wrong admin keys", 60, MostGuesses, "203.0.113.8", stranger => stranger.SendAsync(
            HttpMethod.Get, "/api/v1/admin/outbox", headers: [("Authorization", "Bearer guessed")], cancellationToken: _cancellation));
        await AskAsync("guessed order tokens", 60, MostGuesses, "203.0.113.9", stranger => stranger.SendAsync(
            HttpMethod.Get, $"/api/v1/orders/{Guid.NewGuid()}", headers: [("Order-Token", new string('A', 43))],
            cancellationToken: _cancellation));

        // The whole of it within the minute that begins with its first request: some seconds.
        async Task AskAsync(string what, int count, int most, string address, Func<Stranger, Task<HttpResponseMessage>> ask)
        {
            Stranger[] ways = [.. addresses.Select(replica => new Stranger(new Uri($"http://{replica}"), address))];
            var (statuses, honest) = (new List<HttpStatusCode>(), new List<HttpStatusCode>());
            string? retryAfter = null;
            for (var number = 0; number < count; number++)
            {
                using var answer = await ask(ways[number % ways.Length]);
                statuses.Add(answer.StatusCode);
                if (answer.StatusCode is HttpStatusCode.TooManyRequests)
                    retryAfter ??= $"{answer.Headers.RetryAfter}";
                if (number % 10 == 0)
                    honest.Add(await customer.AskAsync(HttpMethod.Get, "/api/v1/products?pageSize=1", cancellationToken: _cancellation));
            }

            Array.ForEach(ways, way => way.Dispose());
            var before = statuses.IndexOf(HttpStatusCode.TooManyRequests);
            Row(
                $"{count} {what} from one address, two replicas by turns",
                $"{Counted(statuses)}, Retry-After {retryAfter} s; an honest customer meanwhile: {Counted(honest)}",
                before == most && AreAll(statuses[before..], HttpStatusCode.TooManyRequests) && retryAfter is { Length: > 0 }
                && AreAll(honest, HttpStatusCode.OK));
        }
    }
}
