using Shop.Contracts;
using Shop.Contracts.Ordering;

namespace Shop.ApiService.Ordering;

/// <summary>
/// An order's changes as server-sent events (<c>text/event-stream</c>) from its status now until it is settled, with a comment
/// now and then, so that no proxy takes the silence for an end.
/// </summary>
internal sealed class OrderEvents(OrderWatch.Stream stream, OrderStatusChanged now) : IResult, IStatusCodeHttpResult
{
    private static readonly ReadOnlyMemory<byte> Comment = ":\n\n"u8.ToArray();

    public int? StatusCode => StatusCodes.Status200OK;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using var open = stream;
        var (response, left) = (httpContext.Response, httpContext.RequestAborted);
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache,no-store";
        // Otherwise nginx keeps events until it has a bufferful.
        response.Headers["X-Accel-Buffering"] = "no";
        if (HttpMethods.IsHead(httpContext.Request.Method))
            return;
        try
        {
            await WriteAsync(response, now, left);
            var last = now;
            if (last.Final)
                return;
            await foreach (var status in stream.ReadAsync(left))
            {
                if (status is null)
                {
                    await response.Body.WriteAsync(Comment, left);
                    await response.Body.FlushAsync(left);
                }
                else if (IsNews(status, last))
                {
                    await WriteAsync(response, last = status, left);
                    if (last.Final)
                        return;
                }
            }
        }
        catch (OperationCanceledException) when (left.IsCancellationRequested)
        {
            // The client has left.
        }
    }

    /// <summary>Two looks may come in the wrong order.</summary>
    private static bool IsNews(OrderStatusChanged status, OrderStatusChanged last)
    {
        static (DateTimeOffset, int, bool) Progress(OrderStatusChanged at) => (at.At, at.PaymentAttempt, at.PaymentStatus != "pending");
        return status != last && Progress(status).CompareTo(Progress(last)) >= 0;
    }

    private static async Task WriteAsync(HttpResponse response, OrderStatusChanged status, CancellationToken cancellationToken)
    {
        await response.WriteAsync(
            $"event: status\ndata: {JsonSerializer.Serialize(status, ShopJson.Default.OrderStatusChanged)}\n\n", cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }
}
