using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Shop.ServiceDefaults.Problems;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Shop.Web.Gateway;

/// <summary>
/// Sends a request again when the API's instance failed before it answered: to another instance where there is one. What
/// stays without an answer ends as 503 with problem details. An answer of the API, whatever its status, is passed on.
/// </summary>
internal sealed partial class GatewayRetry(
    RequestDelegate next, IOptions<GatewayOptions> options, IProblemDetailsService problems, TimeProvider time, ILogger<GatewayRetry> logger)
{
    // An order is a few hundred bytes; what is longer is not worth the memory.
    private const long MaxKeptBody = 64 * 1024;
    private const string RetryAfterSeconds = "2";

    public async Task InvokeAsync(HttpContext context)
    {
        // The API's errors are its own; no page is put in their place.
        if (context.Features.Get<IStatusCodePagesFeature>() is { } pages) pages.Enabled = false;

        var body = await KeepBodyAsync(context.Request);
        var mayRepeat = IsSafe(context.Request) || body is not null;
        KeyValuePair<string, StringValues>[] headers = [.. context.Response.Headers];
        var proxy = context.GetReverseProxyFeature();
        var failed = new HashSet<DestinationState>();
        for (var attempt = 1; ; attempt++)
        {
            GatewayAttempt.Set(context, attempt);
            if (body is not null) context.Request.Body = new MemoryStream(body, writable: false);
            await next(context);

            var failure = context.GetForwarderErrorFeature();
            if (failure is null || context.Response.HasStarted || context.RequestAborted.IsCancellationRequested) return;

            Reset(context, headers);
            if (attempt >= options.Value.MaxAttempts || !(mayRepeat || WasNeverSent(failure)) || !MayPass(failure.Error))
            {
                logger.CallGivenUp(context.Request.Method, context.Request.Path.Value, attempt, failure.Error, failure.Exception?.Message);
                await RefuseAsync(context, failure.Error);
                return;
            }

            logger.CallSentAgain(context.Request.Method, context.Request.Path.Value, failure.Error, failure.Exception?.Message);
            if (proxy.ProxiedDestination is { } destination) failed.Add(destination);
            proxy.AvailableDestinations = Others(proxy, failed);
            await Task.Delay(options.Value.Backoff * Math.Pow(4, attempt - 1), time, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The body of an order with an idempotency key, to be sent as often as needed; null for every other request.</summary>
    private static async Task<byte[]?> KeepBodyAsync(HttpRequest request)
    {
        if (!HttpMethods.IsPost(request.Method)
            || !request.Headers.ContainsKey("Idempotency-Key")
            || request.ContentLength is not (>= 0 and <= MaxKeptBody)
            || !OrdersPath().IsMatch(request.Path.Value ?? ""))
        {
            return null;
        }

        var body = new byte[request.ContentLength.Value];
        await request.Body.ReadExactlyAsync(body, request.HttpContext.RequestAborted);
        return body;
    }

    private static bool IsSafe(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method))
        // A body, unusual as it is here, would be gone after the first attempt.
        && request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true };

    private static bool WasNeverSent(IForwarderErrorFeature failure) =>
        failure.Error is ForwarderError.NoAvailableDestinations
        || failure is { Error: ForwarderError.Request, Exception: HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError } };

    private static bool MayPass(ForwarderError error) => error
        is ForwarderError.Request
        or ForwarderError.RequestBodyDestination
        or ForwarderError.ResponseHeaders
        or ForwarderError.ResponseBodyDestination
        or ForwarderError.NoAvailableDestinations;

    // All of them again when each has failed: one endpoint may stand for many replicas.
    private static IReadOnlyList<DestinationState> Others(IReverseProxyFeature proxy, HashSet<DestinationState> failed)
    {
        DestinationState[] others = [.. proxy.AllDestinations.Where(destination => !failed.Contains(destination))];
        return others.Length > 0 ? others : proxy.AllDestinations;
    }

    private static void Reset(HttpContext context, KeyValuePair<string, StringValues>[] headers)
    {
        context.Response.Clear();
        foreach (var (name, value) in headers) context.Response.Headers[name] = value;
        context.Features.Set<IForwarderErrorFeature>(null);
    }

    private async Task RefuseAsync(HttpContext context, ForwarderError error)
    {
        // The request itself was at fault, not the API.
        var unreadable = error is ForwarderError.RequestBodyClient or ForwarderError.RequestCreation;
        context.Response.StatusCode = unreadable ? StatusCodes.Status400BadRequest : StatusCodes.Status503ServiceUnavailable;
        if (!unreadable) context.Response.Headers.RetryAfter = RetryAfterSeconds;
        await problems.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = context,
            ProblemDetails = new ProblemDetails
            {
                Status = context.Response.StatusCode,
                Type = ProblemTypes.Of(context.Response.StatusCode),
                Title = unreadable ? "The request can't be read." : "The shop can't be reached for the moment.",
                Detail = unreadable ? "Its body broke off or is malformed." : "Please try again in a few seconds.",
            },
        });
    }

    [GeneratedRegex("^/api/v[0-9]+/orders/?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex OrdersPath();
}
