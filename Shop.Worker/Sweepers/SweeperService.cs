namespace Shop.Worker.Sweepers;

/// <summary>
/// Runs the sweepers, each at its own pace, while this process has its turn (<see cref="SweepTurn"/>). They run beside each other,
/// so that one that fails or waits for a provider holds up no other.
/// </summary>
internal sealed class SweeperService(
    IEnumerable<Sweeper> sweepers,
    NpgsqlDataSource database,
    IOptions<SweeperOptions> options,
    TimeProvider time,
    ILogger<SweeperService> logger) : BackgroundService
{
    /// <summary>Far beyond the pulse, and short enough that a process which was stopped doesn't keep the shop from being swept.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Enabled)
            return;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var turn = await SweepTurn.TryTakeAsync(database, LongestSilence, stoppingToken);
                if (turn is not null)
                    await SweepAsync(turn, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                // Whatever it was, another process may sweep now, and this one asks again.
                logger.CantSweep(failure.GetBaseException().Message);
            }

            await Task.Delay(options.Value.Pulse, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Sweeps until the turn is lost or the process stops; throws either way, when all sweepers have stopped.</summary>
    private async Task SweepAsync(SweepTurn turn, CancellationToken stoppingToken)
    {
        logger.Sweeps();
        using var turnEnds = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var sweeping = Task.WhenAll(sweepers.Select(sweeper => RepeatAsync(sweeper, turnEnds.Token)));
        try
        {
            while (true)
            {
                await Task.Delay(options.Value.Pulse, time, stoppingToken);
                await turn.ProveAsync(stoppingToken);
            }
        }
        finally
        {
            await turnEnds.CancelAsync();
            await sweeping;
        }
    }

    private async Task RepeatAsync(Sweeper sweeper, CancellationToken turnEnds)
    {
        while (!turnEnds.IsCancellationRequested)
        {
            try
            {
                var mended = await sweeper.SweepAsync(turnEnds);
                if (mended > 0)
                {
                    UpkeepTelemetry.Mended(sweeper.Name, mended);
                    logger.Mended(sweeper.Name, mended);
                }
            }
            catch (OperationCanceledException) when (turnEnds.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                logger.SweeperFailed(failure, sweeper.Name);
            }

            await Task.Delay(sweeper.Interval, time, turnEnds).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
