using System.Net.Http.Headers;

namespace Shop.Web.Gateway;

/// <summary>
/// Sends a repeated request over a connection of its own, since a pooled one may lead to the same dead replica, and reads
/// small answers to the end before it hands them on: a replica that dies in the middle of one hasn't answered yet, and
/// the request can be repeated.
/// </summary>
internal sealed class GatewayHandler(HttpMessageHandler pooled, HttpMessageHandler unpooled) : HttpMessageHandler
{
    /// <summary>Bytes of an answer that are waited for; what is longer is passed on as it comes.</summary>
    public const int SmallAnswer = 256 * 1024;

    private readonly HttpMessageInvoker _pooled = new(pooled);
    private readonly HttpMessageInvoker _unpooled = new(unpooled);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await (GatewayAttempt.Of(request) > 1 ? _unpooled : _pooled).SendAsync(request, cancellationToken);
        if (request.Method != HttpMethod.Get && request.Method != HttpMethod.Post || !IsDocument(response.Content.Headers)) return response;

        try
        {
            response.Content = await PrefetchedContent.ReadAsync(response.Content, SmallAnswer, cancellationToken);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    // Known by its type to be whole before it makes sense; everything else may be a stream of events.
    private static bool IsDocument(HttpContentHeaders headers) =>
        headers.ContentLength is > 0 and <= SmallAnswer
        || headers.ContentType?.MediaType is "application/json" or "application/problem+json" or "text/html" or "text/css" or "text/javascript";

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _pooled.Dispose();
            _unpooled.Dispose();
        }

        base.Dispose(disposing);
    }
}
