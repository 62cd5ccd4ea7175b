using Yarp.ReverseProxy.Transforms;

namespace Shop.Web.Gateway;

/// <summary>Tells the HTTP client of the gateway which attempt a request is.</summary>
internal static class GatewayAttempt
{
    // Above this, a refusal by the API is worth waiting for before the body is sent.
    private const long LargeBody = 1024 * 1024;

    private static readonly object Key = new();
    private static readonly HttpRequestOptionsKey<int> Option = new("shop.gateway-attempt");

    /// <summary>The attempt, from 1.</summary>
    public static void Set(HttpContext context, int attempt) => context.Items[Key] = attempt;

    /// <inheritdoc cref="Set" />
    public static int Of(HttpRequestMessage request) => request.Options.TryGetValue(Option, out var attempt) ? attempt : 1;

    public static ValueTask AnnounceAsync(RequestTransformContext transform)
    {
        var request = transform.ProxyRequest;
        if (transform.HttpContext.Items[Key] is int attempt) request.Options.Set(Option, attempt);
        if (transform.HttpContext.Request.ContentLength > LargeBody) request.Headers.ExpectContinue = true;
        return ValueTask.CompletedTask;
    }
}
