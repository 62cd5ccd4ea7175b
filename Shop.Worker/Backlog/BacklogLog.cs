namespace Shop.Worker.Backlog;

internal static partial class BacklogLog
{
    [LoggerMessage(7001, LogLevel.Warning, "What waits in {Server} can't be seen now, and its meters are silent: {Reason}")]
    public static partial void Unseen(ILogger logger, string server, string reason);
}
