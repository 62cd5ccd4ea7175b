using System.Net.Http.Headers;
using System.Net.Http.Json;
using Shop.Contracts;
using Shop.Contracts.Ordering;

namespace Shop.Benchmarks.Chaos;

/// <summary>Customers who order one after another through the gateway, and try again with the same key when something breaks.</summary>
internal sealed class ChaosLoad(HttpClient http, string emailPrefix, IReadOnlyList<string> skus, int seed)
{
    private const int Customers = 16;
    private const int Attempts = 3;
    private const int LongestThought = 150;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan TryAgain = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentBag<ChaosOrder> _orders = [];
    private readonly ConcurrentBag<(long Sent, long Answered)> _successes = [];
    private readonly ConcurrentDictionary<string, int> _troubles = new();
    private int _number;

    public IReadOnlyCollection<ChaosOrder> Orders => _orders;

    /// <summary>What customers saw instead of an answer, and how often.</summary>
    public IReadOnlyDictionary<string, int> Troubles => _troubles;

    /// <summary>Orders until the time is over; what is under way then is finished.</summary>
    public Task RunAsync(CancellationToken over, CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, Customers)
            .Select(customer => ShopAsync(new Random(unchecked((seed * 397) ^ customer)), over, cancellationToken)));

    /// <summary>From a moment until the first order that was sent after it was accepted; null when none was.</summary>
    /// <param name="moment">Of <see cref="Stopwatch.GetTimestamp"/>.</param>
    public TimeSpan? FirstSuccessAfter(long moment)
    {
        var answers = _successes.Where(success => success.Sent >= moment).Select(success => success.Answered).ToArray();
        return answers.Length == 0 ? null : Stopwatch.GetElapsedTime(moment, answers.Min());
    }

    /// <summary>Sends an order once.</summary>
    /// <returns>Whether it had an answer that settles it for its customer.</returns>
    public async Task<bool> SendAsync(ChaosOrder order, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/orders") { Content = new ByteArrayContent(order.Body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("Idempotency-Key", order.Key.ToString());
        var sent = Stopwatch.GetTimestamp();
        try
        {
            using var response = await http.SendAsync(request, patience.Token);
            return await ReadAsync(order, response, sent, patience.Token);
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException)
        {
            Trouble(order, broken is HttpRequestException { HttpRequestError: var error } ? error.ToString() : "broken connection");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Trouble(order, "no answer in time");
        }

        return false;
    }

    private async Task<bool> ReadAsync(ChaosOrder order, HttpResponseMessage response, long sent, CancellationToken cancellationToken)
    {
        switch (response.StatusCode)
        {
            case HttpStatusCode.Accepted:
                var accepted = await JsonSerializer.DeserializeAsync(
                    await response.Content.ReadAsStreamAsync(cancellationToken), ShopJson.Default.OrderAccepted, cancellationToken);
                order.Accepted(accepted!.OrderId, accepted.OrderToken);
                _successes.Add((sent, Stopwatch.GetTimestamp()));
                return true;
            case HttpStatusCode.Conflict:
                order.Refused();
                return true;
            case >= HttpStatusCode.InternalServerError:
                Trouble(order, ((int)response.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture));
                return false;
            default:
                var answer = await response.Content.ReadAsStringAsync(cancellationToken);
                order.Surprises.Add($"key {order.Key} was answered {(int)response.StatusCode}: {answer}");
                return true;
        }
    }

    /// <summary>Tries the second card until it is taken or it is too late for it: the first one may not be refused yet.</summary>
    private async Task PayAgainAsync(ChaosOrder order, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        while (!order.IsPaidAgain && Stopwatch.GetElapsedTime(start) < Patience)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(Patience);
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/orders/{order.AcceptedAs}/payments")
            {
                Content = JsonContent.Create(new PaymentChoice("card", "tok_visa"), ShopJson.Default.PaymentChoice),
            };
            request.Headers.Add("Order-Token", order.Token);
            try
            {
                using var response = await http.SendAsync(request, patience.Token);
                if (response.StatusCode is HttpStatusCode.Accepted)
                    order.PaidAgain();
                else if (response.StatusCode >= HttpStatusCode.InternalServerError)
                    order.MayBePaidAgain = true;
                else if (response.StatusCode is not HttpStatusCode.Conflict)
                    order.Surprises.Add($"a second card for {order.AcceptedAs} was answered {(int)response.StatusCode}");
            }
            catch (Exception broken) when (broken is HttpRequestException or IOException || !cancellationToken.IsCancellationRequested)
            {
                order.MayBePaidAgain = true;
            }

            await Task.Delay(TryAgain, cancellationToken);
        }
    }

    private async Task ShopAsync(Random random, CancellationToken over, CancellationToken cancellationToken)
    {
        while (!over.IsCancellationRequested)
        {
            var card = Card(random);
            var order = new ChaosOrder(
                $"{emailPrefix}{Interlocked.Increment(ref _number)}@example.com", skus[random.Next(skus.Count)], card, random.Next(4) > 0);
            _orders.Add(order);
            for (var attempt = 1; !await SendAsync(order, cancellationToken) && attempt < Attempts; attempt++)
                await Task.Delay(TryAgain, cancellationToken);
            if (order.WantsToPayAgain)
                await PayAgainAsync(order, cancellationToken);
            await Task.Delay(random.Next(LongestThought), cancellationToken);
        }
    }

    /// <summary>Mostly good cards; some are refused, some fail once, some are slow.</summary>
    private static string Card(Random random) => random.Next(100) switch
    {
        < 84 => "tok_visa",
        < 92 => "tok_declined",
        < 96 => "tok_error_once",
        _ => "tok_slow",
    };

    private void Trouble(ChaosOrder order, string what)
    {
        order.Troubled();
        _troubles.AddOrUpdate(what, 1, (_, count) => count + 1);
    }
}
