using System.Net.Http.Json;

namespace Shop.ServiceDefaults.Resilience;

/// <summary>Sends a request again when that is safe and the failure may pass.</summary>
internal sealed class RetryHandler(RetryPipeline pipeline) : DelegatingHandler
{
    private const string IdempotencyKey = "Idempotency-Key";

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        pipeline.SendAsync(request, IsRepeatable(request), base.SendAsync, cancellationToken);

    private static bool IsRepeatable(HttpRequestMessage request) => IsIdempotent(request) && IsReplayable(request.Content);

    // RFC 9110, 9.2.2, and https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
    private static bool IsIdempotent(HttpRequestMessage request) =>
        request.Method == HttpMethod.Get || request.Method == HttpMethod.Head || request.Method == HttpMethod.Options
        || request.Method == HttpMethod.Put || request.Method == HttpMethod.Delete
        || (request.Method == HttpMethod.Post && request.Headers.Contains(IdempotencyKey));

    // A stream may be read only once.
    private static bool IsReplayable(HttpContent? content) =>
        content is null or ByteArrayContent or ReadOnlyMemoryContent or JsonContent;
}
