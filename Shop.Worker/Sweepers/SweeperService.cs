namespace Shop.Worker.Sweepers;

/// <summary>
/// Runs the sweepers, each at its own pace, while this process has its lease (<see cref="SweeperLease"/>). They run beside each other,
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
    private static readonly TimeSpan LongestIdle = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Enabled)
            return;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var lease = await SweeperLease.TryTakeAsync(database, LongestIdle, stoppingToken);
                if (lease is not null)
                    await SweepAsync(lease, stoppingToken);
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

    /// <summary>Sweeps until the lease is lost or the process stops; throws either way, when all sweepers have stopped.</summary>
    private async Task SweepAsync(SweeperLease lease, CancellationToken stoppingToken)
    {
        logger.Sweeps();
        using var leaseEnds = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var sweeping = Task.WhenAll(sweepers.Select(sweeper => RepeatAsync(sweeper, leaseEnds.Token)));
        try
        {
            while (true)
            {
                await Task.Delay(options.Value.Pulse, time, stoppingToken);
                await lease.RenewAsync(stoppingToken);
            }
        }
        finally
        {
            await leaseEnds.CancelAsync();
            await sweeping;
        }
    }

    private async Task RepeatAsync(Sweeper sweeper, CancellationToken leaseEnds)
    {
        while (!leaseEnds.IsCancellationRequested)
        {
            try
            {
                var repaired = await sweeper.SweepAsync(leaseEnds);
                if (repaired > 0)
                {
                    SweeperTelemetry.Repaired(sweeper.Name, repaired);
                    logger.Repaired(sweeper.Name, repaired);
                }
            }
            catch (OperationCanceledException) when (leaseEnds.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                logger.SweeperFailed(failure, sweeper.Name);
            }

            await Task.Delay(sweeper.Interval, time, leaseEnds).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
