using Microsoft.Extensions.Logging;

namespace Shop.LocalServers;

internal static partial class Log
{
    [LoggerMessage(8101, LogLevel.Warning, "{Trouble} PostgreSQL, Redis and RabbitMQ run as this machine's own programs.")]
    public static partial void UnhealthyEngine(this ILogger logger, string trouble);

    [LoggerMessage(8102, LogLevel.Information, "{Announcement}")]
    public static partial void Announce(this ILogger logger, string announcement);

    [LoggerMessage(8103, LogLevel.Error, "{Sentence}")]
    public static partial void Obstacle(this ILogger logger, string sentence);
}
