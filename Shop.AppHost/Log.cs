using Microsoft.Extensions.Logging;

namespace Shop.AppHost;

internal static partial class Log
{
    [LoggerMessage(8001, LogLevel.Information, "All is up after {Seconds:0.0} s: {Addresses}. Ctrl-C stops everything.")]
    public static partial void AllIsUp(this ILogger logger, double seconds, string addresses);

    [LoggerMessage(8002, LogLevel.Warning, "{Name} {What}: it is started again in {Seconds:0.0} s.")]
    public static partial void StartedAgain(this ILogger logger, string name, string what, double seconds);

    [LoggerMessage(8003, LogLevel.Error, "{Name} {What}.{Waiters}{Consequence} Its last words:{LastWords}")]
    public static partial void StaysDown(
        this ILogger logger, string name, string what, string waiters, string consequence, string lastWords);
}
