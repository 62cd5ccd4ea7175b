using System.Net.Http.Json;
using Shop.Contracts;
using Shop.Contracts.Baskets;
using Shop.Contracts.Ordering;

namespace Shop.Benchmarks.Scenarios;

/// <summary>Somebody outside: with an address of their own, and without patience.</summary>
/// <param name="at">Where the shop is.</param>
/// <param name="address">Theirs, as a proxy on this machine tells it.</param>
internal sealed class Stranger(Uri at, string address) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        UseCookies = false,
        AllowAutoRedirect = false,
        RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
    })
    {
        BaseAddress = at,
        Timeout = Patience,
    };

    public void Dispose() => _http.Dispose();

    /// <param name="body">JSON.</param>
    /// <param name="headers">By name; <c>Content-Type</c> is the body's.</param>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, string? body = null, (string Name, string Value)[]? headers = null,
        HttpCompletionOption until = HttpCompletionOption.ResponseContentRead, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        request.Headers.Add("X-Forwarded-For", address);
        foreach (var (name, value) in headers ?? [])
        {
            if (name == "Content-Type")
            {
                request.Content!.Headers.Remove(name);
                request.Content.Headers.TryAddWithoutValidation(name, value);
            }
            else
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return await _http.SendAsync(request, until, cancellationToken);
    }

    /// <returns>The status of the answer.</returns>
    public async Task<HttpStatusCode> AskAsync(
        HttpMethod method, string path, string? body = null, (string Name, string Value)[]? headers = null,
        CancellationToken cancellationToken = default)
    {
        using var answer = await SendAsync(method, path, body, headers, cancellationToken: cancellationToken);
        return answer.StatusCode;
    }

    public async Task<HttpResponseMessage> OrderAsync(PlaceOrder order, Guid key, CancellationToken cancellationToken) => await SendAsync(
        HttpMethod.Post, "/api/v1/orders", JsonSerializer.Serialize(order, ShopJson.Default.PlaceOrder), [("Idempotency-Key", $"{key}")],
        cancellationToken: cancellationToken);

    /// <summary>Places an order that must be accepted.</summary>
    public async Task<OrderAccepted> BuyAsync(PlaceOrder order, CancellationToken cancellationToken)
    {
        using var answer = await OrderAsync(order, Guid.NewGuid(), cancellationToken);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync(ShopJson.Default.OrderAccepted, cancellationToken))!;
    }

    public async Task<OrderDetails> FindAsync(OrderAccepted order, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(
            HttpMethod.Get, $"/api/v1/orders/{order.OrderId}", headers: [("Order-Token", order.OrderToken)],
            cancellationToken: cancellationToken);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync(ShopJson.Default.OrderDetails, cancellationToken))!;
    }

    /// <summary>Puts a piece into a basket.</summary>
    public async Task<Basket> PutAsync(Guid basket, string sku, int quantity, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(
            HttpMethod.Put, $"/api/v1/baskets/{basket}/items/{sku}", $$"""{"quantity":{{quantity}}}""",
            cancellationToken: cancellationToken);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync(ShopJson.Default.Basket, cancellationToken))!;
    }

    /// <summary>An order of a piece, or of a basket.</summary>
    public static PlaceOrder Order(string? sku, string card = "tok_visa", Basket? basket = null, Money? expected = null) => new(
        basket?.Id, sku is null ? null : [new PlaceOrderItem(sku, 1)], "stranger@example.com",
        new ShippingAddress("Ada Byron", "Main Street 1", null, "Bergen", "5003", "NO"), new PaymentChoice("card", card),
        ExpectedTotal: expected ?? basket?.Total, BasketVersion: basket?.Version);
}
