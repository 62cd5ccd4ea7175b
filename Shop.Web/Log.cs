using Yarp.ReverseProxy.Forwarder;

namespace Shop.Web;

/// <summary>
/// What is logged here. Event ids: 1000 ordering, 2000 messaging, 3000 payments, 4000 flash sales, 5000 storefront and gateway, 6000
/// sweepers, 7000 backlog, 9000 catalogue. No personal data.
/// </summary>
internal static partial class Log
{
    [LoggerMessage(5001, LogLevel.Warning, "{Method} {Path} is given up: {Error}, {Reason}")]
    public static partial void CallGivenUp(this ILogger logger, string method, string? path, ForwarderError error, string? reason);

    [LoggerMessage(5003, LogLevel.Warning, "The menu of categories is not up to date: {Reason}")]
    public static partial void CategoriesOutdated(this ILogger logger, string reason);

    [LoggerMessage(5004, LogLevel.Warning, "The basket's count is not shown: {Reason}")]
    public static partial void BasketCountNotShown(this ILogger logger, string reason);

    [LoggerMessage(5005, LogLevel.Warning, "Data-protection keys stay in memory: {What} them in Redis failed ({Reason})")]
    public static partial void KeysStayInMemory(this ILogger logger, string what, string reason);

    [LoggerMessage(5006, LogLevel.Warning, "An order could not be placed because the API didn't answer")]
    public static partial void OrderNotPlaced(this ILogger logger, Exception failure);

    [LoggerMessage(5007, LogLevel.Warning, "The checkout is shown without the basket: {Reason}")]
    public static partial void CheckoutWithoutBasket(this ILogger logger, string reason);
}
