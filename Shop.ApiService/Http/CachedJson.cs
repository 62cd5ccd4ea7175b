using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Net.Http.Headers;

namespace Shop.ApiService.Http;

/// <summary>
/// JSON that browsers and proxies may keep for a moment, with an ETag of its content (RFC 9110, 8.8.3): who has it
/// already gets 304 without a body.
/// </summary>
internal sealed class CachedJson<T>(T value, JsonTypeInfo<T> type, TimeSpan maxAge) : IResult, IStatusCodeHttpResult, IValueHttpResult<T>
{
    public T? Value => value;

    public int? StatusCode => StatusCodes.Status200OK;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(value, type);
        var tag = new EntityTagHeaderValue($"\"{Base64Url.EncodeToString(SHA256.HashData(body).AsSpan(0, 12))}\"");
        var (request, response) = (httpContext.Request.GetTypedHeaders(), httpContext.Response.GetTypedHeaders());
        response.ETag = tag;
        response.CacheControl = new CacheControlHeaderValue { Public = true, MaxAge = maxAge };
        if (request.IfNoneMatch.Any(known => known.Tag == "*" || known.Compare(tag, useStrongComparison: false)))
        {
            httpContext.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        httpContext.Response.ContentType = "application/json; charset=utf-8";
        httpContext.Response.ContentLength = body.Length;
        await httpContext.Response.Body.WriteAsync(body, httpContext.RequestAborted);
    }
}
