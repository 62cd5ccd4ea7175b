namespace Shop.ApiService;

/// <summary>What is logged here. Event ids: 1000 ordering, 2000 messaging, 3000 payments, 4000 flash sales, 5000 storefront and gateway, 6000 sweepers, 7000 backlog. No personal data.</summary>
internal static partial class Log
{
    [LoggerMessage(1001, LogLevel.Warning, "The basket of an order couldn't be emptied: {Reason}")]
    public static partial void BasketNotEmptied(this ILogger logger, string reason);
}
