using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Shop.Infrastructure.Promotions;

/// <summary>Keeps <see cref="ActiveSales"/> fresh, and the gate's log of keys whole.</summary>
public sealed class ActiveSalesWatch(
    FlashSales planned, ActiveSales sales, StockLevelCache levels, AcceptedKeyLog log, TimeProvider time, ILogger<ActiveSalesWatch> logger)
    : BackgroundService
{
    private static readonly TimeSpan Pulse = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Beside each other: reading the keys of a sale may take long, and what is known of the sales must not grow old by it.
        await Task.WhenAll(RepeatAsync(LookAsync, stoppingToken), RepeatAsync(RebuildAsync, stoppingToken));
    }

    private async Task RepeatAsync(Func<CancellationToken, Task> turn, CancellationToken stoppingToken)
    {
        using var pulse = new PeriodicTimer(Pulse, time);
        do
        {
            try
            {
                await turn(stoppingToken);
            }
            // Without Postgres nothing is sold; what was known before loses its trust by itself.
            catch (Exception failure) when (failure is NpgsqlException or TimeoutException)
            {
                logger.FlashSalesNotLookedUp(failure.Message);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
        while (await TicksAsync(pulse, stoppingToken));
    }

    private static async Task<bool> TicksAsync(PeriodicTimer pulse, CancellationToken stoppingToken)
    {
        try
        {
            return await pulse.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task LookAsync(CancellationToken stoppingToken)
    {
        var asOf = time.GetTimestamp();
        sales.Update(await planned.ActiveAsync(stoppingToken), asOf);
    }

    private async Task RebuildAsync(CancellationToken stoppingToken)
    {
        await levels.FlushPendingAsync();
        foreach (var sale in sales.Sales)
            await log.RebuildAsync([.. sale], stoppingToken);
    }
}
