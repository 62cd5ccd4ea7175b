namespace Shop.ApiService;

/// <summary>
/// What is logged here. Event ids: 1000 ordering, 2000 messaging, 3000 payments, 4000 flash sales, 5000 storefront and gateway, 6000
/// sweepers, 7000 backlog, 9000 catalogue. No personal data.
/// </summary>
internal static partial class Log
{
    [LoggerMessage(1004, LogLevel.Warning, "Requests can't be counted in Redis ({Reason}): this replica counts for itself.")]
    public static partial void CountedHere(this ILogger logger, string reason);

    [LoggerMessage(1003, LogLevel.Information, "Administration from {Address}: {Method} {Path} was answered {StatusCode}.")]
    public static partial void Administered(
        this ILogger logger, string method, string? path, int statusCode, System.Net.IPAddress? address);

    [LoggerMessage(1002, LogLevel.Warning, "Nobody could look at the orders that are watched: {Reason}")]
    public static partial void OrdersNotLookedAt(this ILogger logger, string reason);
}
