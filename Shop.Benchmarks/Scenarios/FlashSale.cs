using System.Net.Http.Headers;

namespace Shop.Benchmarks.Scenarios;

/// <summary>A flash sale of one SKU, made and read as the back office does.</summary>
internal static class FlashSale
{
    private static readonly TimeSpan Length = TimeSpan.FromMinutes(10);

    /// <summary>Half price, one piece to a customer.</summary>
    /// <exception cref="HttpRequestException">The API refused; the message holds its answer.</exception>
    public static async Task PlanAsync(
        ShopTopology shop, string sku, int quantity, DateTimeOffset startsAt, CancellationToken cancellationToken)
    {
        var price = await shop.AskAsync<long>("SELECT price_minor FROM catalog.variants WHERE sku = $1", cancellationToken, sku);
        var currency = await shop.AskAsync<string>("SELECT currency::text FROM catalog.variants WHERE sku = $1", cancellationToken, sku);
        var sale = new JsonObject
        {
            ["name"] = "Benchmark",
            ["startsAt"] = startsAt,
            ["endsAt"] = startsAt + Length,
            ["items"] = new JsonArray(new JsonObject
            {
                ["sku"] = sku,
                ["price"] = new JsonObject { ["amount"] = price / 2, ["currency"] = currency },
                ["quantity"] = quantity,
                ["limitPerCustomer"] = 1,
            }),
        };
        using var client = shop.Client("apiservice");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/admin/flash-sales")
        {
            Content = new StringContent(sale.ToJsonString(), Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", shop.AdminKey);
        using var response = await client.SendAsync(request, cancellationToken);
        var answer = await response.Content.ReadAsStringAsync(cancellationToken);
        if (response.StatusCode is not (HttpStatusCode.Created or HttpStatusCode.OK))
            throw new HttpRequestException($"The flash sale wasn't taken: {(int)response.StatusCode} {answer}");
    }

    /// <summary>Pieces that the sale has sold, by the database.</summary>
    public static Task<long> SoldAsync(ShopTopology shop, string sku, CancellationToken cancellationToken) =>
        shop.AskAsync<long>("SELECT coalesce(sum(taken), 0) FROM promotions.flash_sale_items WHERE sku = $1", cancellationToken, sku);
}
