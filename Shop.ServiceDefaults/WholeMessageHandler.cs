using System.Net.Http.Headers;

namespace Shop.ServiceDefaults;

/// <summary>
/// Keeps the body of a request that may have to be sent again, and reads a document to its end before it hands it on: a
/// replica that dies in the middle of one hasn't answered yet. What may be a stream (events, downloads) passes as it comes.
/// </summary>
internal sealed class WholeMessageHandler : DelegatingHandler
{
    /// <summary>Bytes of an answer whose length is known that are waited for.</summary>
    private const int LongDocument = 1024 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is { } body && HttpClients.MayRepeat(request))
            await body.LoadIntoBufferAsync(cancellationToken);

        var response = await base.SendAsync(request, cancellationToken);
        if (request.Method == HttpMethod.Head || !IsDocument(response.Content.Headers))
            return response;
        try
        {
            await response.Content.LoadIntoBufferAsync(cancellationToken);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private static bool IsDocument(HttpContentHeaders headers) => headers.ContentLength is { } length
        ? length <= LongDocument
        : headers.ContentType?.MediaType
            is "application/json" or "application/problem+json" or "text/html" or "text/css" or "text/javascript";
}
