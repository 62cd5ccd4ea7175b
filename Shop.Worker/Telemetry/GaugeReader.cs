namespace Shop.Worker.Telemetry;

/// <summary>
/// Looks every few seconds for what no counter of this process knows: what waits in Postgres and in RabbitMQ. Each worker
/// does, and all see the same. When one of the two can't be asked its gauges vanish after a while, and the others go on.
/// </summary>
internal sealed class GaugeReader(
    DatabaseGauges stored, QueueDepths queues, TimeProvider time, ILogger<GaugeReader> logger) : BackgroundService
{
    /// <summary>As often as most collectors look, and so seldom that it costs nothing.</summary>
    private static readonly TimeSpan Pulse = TimeSpan.FromSeconds(5);

    /// <summary>A server that takes longer for such a question has other troubles; it is asked again at the next pulse.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // Beside each other: one server that hangs must not hide what the other one knows.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        RepeatAsync("Postgres", stored.ReadAsync, stoppingToken),
        RepeatAsync("RabbitMQ", queues.ReadAsync, stoppingToken));

    private async Task RepeatAsync(string server, Func<CancellationToken, Task> read, CancellationToken stoppingToken)
    {
        var isMissed = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                limit.CancelAfter(Patience);
                await read(limit.Token);
                if (isMissed)
                    logger.BacklogSeenAgain(server);
                isMissed = false;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                // Whatever it was, a gauge must not take the worker down; what it shows grows old and vanishes.
                var reason = failure is OperationCanceledException
                    ? $"no answer within {Patience.TotalSeconds:0} s"
                    : failure.GetBaseException().Message;
                if (!isMissed)
                    logger.BacklogUnseen(server, reason);
                isMissed = true;
            }

            await Task.Delay(Pulse, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}

internal static class Gauges
{
    /// <summary>Keeps the gauges of what waits in Postgres and RabbitMQ up to date.</summary>
    public static void AddGauges(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<DatabaseGauges>();
        builder.Services.AddSingleton<QueueDepths>();
        builder.Services.AddHostedService<GaugeReader>();
    }
}
