using System.Net.Http.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Shop.Contracts;
using Shop.Contracts.Baskets;
using Shop.Contracts.Catalog;
using Shop.Contracts.Ordering;

namespace Shop.Web.Api;

/// <summary>
/// The shop as the storefront knows it: its HTTP API. What isn't there is <see langword="null"/>; a refusal is a
/// <see cref="ShopRefusedException"/>; a shop that can't be reached is a <see cref="ShopUnavailableException"/>.
/// </summary>
public sealed class ShopClient(HttpClient http)
{
    private const int LongestName = 200;

    public async Task<ProductPage> GetProductsAsync(ProductQuery query, CancellationToken cancellationToken) =>
        Required(await SendAsync(HttpMethod.Get, "products" + query.ToApiQuery(), ShopJson.Default.ProductPage, cancellationToken));

    public async Task<ProductDetails?> FindProductAsync(string slug, CancellationToken cancellationToken) =>
        IsName(slug)
            ? await SendAsync(HttpMethod.Get, $"products/{Uri.EscapeDataString(slug)}", ShopJson.Default.ProductDetails, cancellationToken)
            : null;

    public async Task<IReadOnlyList<Category>> GetCategoriesAsync(CancellationToken cancellationToken) =>
        Required(await SendAsync(HttpMethod.Get, "categories", ShopJson.Default.PageCategory, cancellationToken)).Items;

    public Task<Basket?> FindBasketAsync(Guid id, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, $"baskets/{id}", ShopJson.Default.Basket, cancellationToken);

    /// <returns>The basket afterwards; <see langword="null"/> when nothing is sold under that SKU.</returns>
    public async Task<Basket?> SetBasketItemAsync(Guid id, string sku, int quantity, CancellationToken cancellationToken) =>
        !IsName(sku) ? null : await SendAsync(
            HttpMethod.Put,
            $"baskets/{id}/items/{Uri.EscapeDataString(sku)}",
            ShopJson.Default.Basket,
            cancellationToken,
            JsonContent.Create(new SetBasketItem(quantity), ShopJson.Default.SetBasketItem));

    public async Task RemoveBasketItemAsync(Guid id, string sku, CancellationToken cancellationToken)
    {
        if (!IsName(sku))
            return;
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"baskets/{id}/items/{Uri.EscapeDataString(sku)}");
        using var response = await SendAsync(request, cancellationToken);
        if (response.StatusCode != HttpStatusCode.NotFound)
            await ThrowUnlessSuccessAsync(response, cancellationToken);
    }

    /// <param name="idempotencyKey">One for each intention to buy: the same key again gets the same answer.</param>
    public async Task<OrderAccepted> PlaceOrderAsync(PlaceOrder order, Guid idempotencyKey, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "orders")
        {
            Content = JsonContent.Create(order, ShopJson.Default.PlaceOrder),
        };
        request.Headers.Add("Idempotency-Key", idempotencyKey.ToString());
        using var response = await SendAsync(request, cancellationToken);
        await ThrowUnlessSuccessAsync(response, cancellationToken);
        return Required(await ReadAsync(response, ShopJson.Default.OrderAccepted, cancellationToken));
    }

    public async Task<OrderDetails?> FindOrderAsync(Guid id, string token, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"orders/{id}");
        request.Headers.Add("Order-Token", token);
        using var response = await SendAsync(request, cancellationToken);
        return await ReadFoundAsync(response, ShopJson.Default.OrderDetails, cancellationToken);
    }

    /// <summary>Pays an order in another way after its payment was refused.</summary>
    public async Task PayOrderAsync(Guid id, string token, PaymentChoice payment, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"orders/{id}/payments")
        {
            Content = JsonContent.Create(payment, ShopJson.Default.PaymentChoice),
        };
        request.Headers.Add("Order-Token", token);
        using var response = await SendAsync(request, cancellationToken);
        await ThrowUnlessSuccessAsync(response, cancellationToken);
    }

    public async Task CancelOrderAsync(Guid id, string token, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"orders/{id}/cancel");
        request.Headers.Add("Order-Token", token);
        using var response = await SendAsync(request, cancellationToken);
        await ThrowUnlessSuccessAsync(response, cancellationToken);
    }

    /// <summary>Whether something can be called so. What strangers type stands in an address, where it must be a part of its own.</summary>
    private static bool IsName(string text) =>
        text is { Length: > 0 and <= LongestName } and not ("." or "..") && !text.Any(char.IsControl);

    private async Task<T?> SendAsync<T>(
        HttpMethod method, string path, JsonTypeInfo<T> type, CancellationToken cancellationToken, HttpContent? content = null)
        where T : class
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var response = await SendAsync(request, cancellationToken);
        return await ReadFoundAsync(response, type, cancellationToken);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await http.SendAsync(request, cancellationToken);
        }
        // Time-outs, broken circuits and refused connections come as different types from different handlers;
        // to the storefront they are one thing. Only the visitor's own leaving is another.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ShopUnavailableException("The shop's API can't be reached.", exception);
        }
    }

    private static async Task<T?> ReadFoundAsync<T>(
        HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        if (response.StatusCode == HttpStatusCode.NotFound)
            return null;
        await ThrowUnlessSuccessAsync(response, cancellationToken);
        return await ReadAsync(response, type, cancellationToken);
    }

    private static async Task<T?> ReadAsync<T>(
        HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await response.Content.ReadFromJsonAsync(type, cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw new ShopUnavailableException("The shop's API broke off in the middle of its answer.", exception);
        }
    }

    private static async Task ThrowUnlessSuccessAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
            return;
        var problem = await ReadProblemAsync(response, cancellationToken);
        if ((int)response.StatusCode >= 500 || response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout)
        {
            throw new ShopUnavailableException(
                problem.Detail ?? problem.Title ?? $"The shop's API answered {(int)response.StatusCode}.", status: response.StatusCode);
        }

        throw new ShopRefusedException(response.StatusCode, problem);
    }

    private static async Task<ApiProblem> ReadProblemAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            if (await response.Content.ReadFromJsonAsync(WebJson.Default.ApiProblem, cancellationToken) is { } problem)
                return problem;
        }
        catch (Exception exception) when (exception is JsonException or HttpRequestException or IOException)
        {
            // A body that isn't problem details says nothing more than the status code, which is used below.
        }

        return new ApiProblem(null, response.ReasonPhrase, null, (int)response.StatusCode, null, null);
    }

    private static T Required<T>(T? value)
        where T : class =>
        value ?? throw new ShopUnavailableException("The shop's API gave an empty answer.");
}

/// <summary>The API understood the request and refused it.</summary>
public sealed class ShopRefusedException(HttpStatusCode status, ApiProblem problem)
    : Exception(problem.Detail ?? problem.Title ?? $"The shop answered {(int)status}.")
{
    public HttpStatusCode Status { get; } = status;

    public ApiProblem Problem { get; } = problem;
}

/// <summary>The API can't be reached or says itself that it can't serve now: a matter of waiting, not of the request.</summary>
/// <param name="status">What it answered, if it did: 429 when this visitor asks too much.</param>
public sealed class ShopUnavailableException(string message, Exception? innerException = null, HttpStatusCode? status = null)
    : Exception(message, innerException)
{
    public bool IsTooMuch => status is HttpStatusCode.TooManyRequests;
}

/// <summary>The problem details (RFC 9457) by which the API refuses.</summary>
/// <param name="Errors">Of a 400: the messages for each field, keyed by its JSON path, e.g. <c>shippingAddress.city</c>.</param>
/// <param name="OrderId">Of a 409 to a basket that was ordered already: that order.</param>
/// <param name="Skus">Of a 409 to an order: what there isn't enough of.</param>
public sealed record ApiProblem(
    string? Type,
    string? Title,
    string? Detail,
    int? Status,
    Dictionary<string, string[]>? Errors,
    [property: JsonConverter(typeof(SkuListConverter))] IReadOnlyList<string>? Skus,
    Guid? OrderId = null);
