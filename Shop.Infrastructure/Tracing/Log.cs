using Microsoft.Extensions.Logging;

namespace Shop.Infrastructure.Tracing;

/// <summary>
/// What is logged here. Event ids: 1000 ordering, 2000 messaging, 3000 payments, 4000 flash sales, 5000 storefront and gateway, 6000
/// sweepers, 7000 backlog, 9000 catalogue. No personal data.
/// </summary>
internal static partial class Log
{
    [LoggerMessage(1001, LogLevel.Warning, "The basket of an order couldn't be emptied: {Reason}")]
    public static partial void BasketNotEmptied(this ILogger logger, string reason);

    [LoggerMessage(2001, LogLevel.Warning, "Listening to Postgres was interrupted ({Reason}); trying again.")]
    public static partial void DatabaseSignalsInterrupted(this ILogger logger, string reason);

    [LoggerMessage(3001, LogLevel.Error, "The payment provider keeps failing and is left alone for {Pause}.")]
    public static partial void ProviderLeftAlone(this ILogger logger, TimeSpan pause);

    [LoggerMessage(3002, LogLevel.Information, "The payment provider works again.")]
    public static partial void ProviderWorksAgain(this ILogger logger);

    [LoggerMessage(3003, LogLevel.Warning, "The payment provider failed for order {OrderId} ({Reason}); asking again.")]
    public static partial void ProviderAskedAgain(this ILogger logger, Guid orderId, string reason);

    [LoggerMessage(4001, LogLevel.Warning, "The flash sales couldn't be looked up ({Reason}); trying again.")]
    public static partial void FlashSalesNotLookedUp(this ILogger logger, string reason);

    [LoggerMessage(
        4002, LogLevel.Information,
        "The gate knows the {Count} orders that were accepted for flash sale {Sale} and can refuse from now on.")]
    public static partial void GateKnowsSale(this ILogger logger, int count, Guid sale);

    [LoggerMessage(4003, LogLevel.Warning, "The gate in front of the flash sales is open: Redis doesn't answer ({Reason}).")]
    public static partial void GateOpen(this ILogger logger, string reason);

    [LoggerMessage(4004, LogLevel.Warning, "{Count} keys of flash-sale orders are forgotten: Redis has been down for too many.")]
    public static partial void SaleKeysForgotten(this ILogger logger, int count);
}
