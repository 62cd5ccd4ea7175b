using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json.Serialization.Metadata;
using Shop.Contracts;
using Shop.Contracts.Ordering;

namespace Shop.Tests.Distributed;

/// <summary>A customer who speaks the HTTP contract.</summary>
internal sealed class Shopper(HttpClient http) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => http.Dispose();

    public static PlaceOrder Order(string sku, int quantity = 1, string card = "tok_visa", string email = "ada@example.com") => new(
        null,
        [new PlaceOrderItem(sku, quantity)],
        email,
        new ShippingAddress("Ada Byron", "Main Street 1", null, "Bergen", "5003", "NO"),
        new PaymentChoice("card", card));

    public async Task<HttpResponseMessage> PlaceAsync(PlaceOrder order, Guid? key = null)
    {
        using var content = JsonContent.Create(order, ShopJson.Default.PlaceOrder);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/orders") { Content = content };
        request.Headers.Add("Idempotency-Key", (key ?? Guid.NewGuid()).ToString());
        return await http.SendAsync(request, Cancellation);
    }

    /// <summary>Places an order that must be accepted.</summary>
    public async Task<OrderAccepted> BuyAsync(PlaceOrder order, Guid? key = null)
    {
        using var response = await PlaceAsync(order, key);
        return await ReadAsync(response, HttpStatusCode.Accepted, ShopJson.Default.OrderAccepted);
    }

    public async Task<HttpResponseMessage> AskForAsync(Guid orderId, string? token, string? what = null, HttpMethod? method = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, $"/api/v1/orders/{orderId}{what}");
        if (token is not null)
            request.Headers.Add("Order-Token", token);
        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
    }

    public async Task<OrderDetails> FindAsync(OrderAccepted order)
    {
        using var response = await AskForAsync(order.OrderId, order.OrderToken);
        return await ReadAsync(response, HttpStatusCode.OK, ShopJson.Default.OrderDetails);
    }

    /// <summary>Waits until the order is out of processing.</summary>
    public Task<OrderDetails> SettledAsync(OrderAccepted order, TimeSpan? within = null) => Eventually.SeesAsync(
        within ?? Patience, () => FindAsync(order), seen => seen.Status != "processing", $"order {order.Number} is confirmed or cancelled");

    /// <summary>Waits until the order's payment is refused, and another card may be tried.</summary>
    public Task<OrderDetails> RefusedAsync(OrderAccepted order, TimeSpan? within = null) => Eventually.SeesAsync(
        within ?? Patience, () => FindAsync(order), seen => seen.Payment.Status == "refused",
        $"the payment of order {order.Number} is refused");

    /// <summary>Pays an order whose payment was refused with another card.</summary>
    public async Task<HttpResponseMessage> PayAsync(OrderAccepted order, string card = "tok_visa")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/orders/{order.OrderId}/payments")
        {
            Content = JsonContent.Create(new PaymentChoice("card", card), ShopJson.Default.PaymentChoice),
        };
        request.Headers.Add("Order-Token", order.OrderToken);
        return await http.SendAsync(request, Cancellation);
    }

    public async Task<OrderDetails> CancelAsync(OrderAccepted order)
    {
        using var answer = await AskForAsync(order.OrderId, order.OrderToken, "/cancel", HttpMethod.Post);
        return await ReadAsync(answer, HttpStatusCode.OK, ShopJson.Default.OrderDetails);
    }

    /// <summary>What the order's event stream tells until it ends.</summary>
    public async Task<List<OrderStatusChanged>> WatchAsync(OrderAccepted order)
    {
        using var response = await AskForAsync(order.OrderId, order.OrderToken, "/events");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(Patience);
        var events = SseParser.Create(
            await response.Content.ReadAsStreamAsync(limit.Token),
            (type, data) => (Type: type, Change: JsonSerializer.Deserialize(data, ShopJson.Default.OrderStatusChanged)!));
        var changes = new List<OrderStatusChanged>();
        await foreach (var item in events.EnumerateAsync(limit.Token))
        {
            Assert.Equal("status", item.Data.Type);
            changes.Add(item.Data.Change);
        }

        return changes;
    }

    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type)
    {
        using var response = await http.GetAsync(path, Cancellation);
        return await ReadAsync(response, HttpStatusCode.OK, type);
    }

    public Task<HttpResponseMessage> GetAsync(string path) => http.GetAsync(path, Cancellation);

    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, string? body = null, string contentType = "application/json",
        params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8);
            request.Content.Headers.Remove("Content-Type");
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await http.SendAsync(request, Cancellation);
    }

    /// <summary>The body of an answer that must have this status.</summary>
    public static async Task<T> ReadAsync<T>(HttpResponseMessage response, HttpStatusCode status, JsonTypeInfo<T> type)
    {
        var body = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.StatusCode == status,
            $"{response.RequestMessage?.Method} {response.RequestMessage?.RequestUri} answered {(int)response.StatusCode}: {body}");
        return JsonSerializer.Deserialize(body, type)!;
    }

    /// <summary>The problem details of an answer that must be a refusal with this status.</summary>
    public static async Task<JsonElement> ProblemAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        var body = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.StatusCode == status,
            $"{response.RequestMessage?.Method} {response.RequestMessage?.RequestUri} answered {(int)response.StatusCode}: {body}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.DoesNotContain("   at ", body, StringComparison.Ordinal);
        using var problem = JsonDocument.Parse(body);
        Assert.Equal((int)status, problem.RootElement.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.RootElement.GetProperty("type").GetString()!);
        Assert.NotEmpty(problem.RootElement.GetProperty("traceId").GetString()!);
        return problem.RootElement.Clone();
    }
}
