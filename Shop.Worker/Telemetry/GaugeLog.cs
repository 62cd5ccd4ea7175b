namespace Shop.Worker.Telemetry;

internal static partial class GaugeLog
{
    [LoggerMessage(7001, LogLevel.Warning, "What waits in {Server} can't be seen now ({Reason}), and its gauges will be silent until it can.")]
    public static partial void Unseen(ILogger logger, string server, string reason);

    [LoggerMessage(7002, LogLevel.Information, "What waits in {Server} is seen again.")]
    public static partial void SeenAgain(ILogger logger, string server);
}
