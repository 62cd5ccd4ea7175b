using System.Net.Sockets;

namespace Shop.Tests.Http;

/// <summary>Requests that no endpoint can make sense of, byte by byte as somebody may send them.</summary>
[Trait("Category", "Distributed")]
[Collection(RunningShopCollection.Name)]
public sealed class RequestChecksTests(RunningShop shop)
{
    [Theory]
    [InlineData("webfrontend", "GET / HTTP/1.0\r\n\r\n")]
    [InlineData("apiservice", "GET /api/v1/products HTTP/1.0\r\n\r\n")]
    [InlineData("webfrontend", "GET / HTTP/1.1\r\nHost: x:99999\r\nConnection: close\r\n\r\n")]
    [InlineData("apiservice", "GET /api/v1/products HTTP/1.1\r\nHost: x:99999\r\nConnection: close\r\n\r\n")]
    [InlineData("webfrontend", "GET /products?q=%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")]
    public async Task Nonsense_is_a_400_and_never_a_failure(string resource, string request)
    {
        using var http = shop.Client(resource);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(http.BaseAddress!.Host, http.BaseAddress.Port, TestContext.Current.CancellationToken);
        var stream = tcp.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);

        Assert.StartsWith("HTTP/1.1 400 ", await reader.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/products?pageSize=1")]
    [InlineData("/docs/index.html")]
    [InlineData("/openapi/v1.json")]
    public async Task No_site_shows_an_answer_in_its_own_page_and_no_browser_takes_it_for_something_else(string path)
    {
        using var http = shop.Client("apiservice");
        using var answer = await http.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("DENY", answer.Headers.GetValues("X-Frame-Options").Single());
    }
}
