using Shop.Infrastructure.Catalog;
using Shop.Infrastructure.Inventory;

namespace Shop.Worker.Catalog;

/// <summary>
/// Keeps the catalogue's note of what can be bought: whenever a SKU is sold out or comes back, and now and then without a word.
/// </summary>
internal sealed class AvailabilityKeeper(
    ProductAvailability availability, DatabaseSignals signals, TimeProvider time, ILogger<AvailabilityKeeper> logger) : BackgroundService
{
    /// <summary>Signals are lost while their connection is.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);

    /// <summary>So long it lets changes gather: in a flash sale they come in dozens.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(200);

    private readonly SemaphoreSlim _awake = new(0, 1);

    public override void Dispose()
    {
        _awake.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        signals.Received += OnSignal;
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                try
                {
                    await availability.UpdateAsync(stoppingToken);
                }
                catch (Exception failure) when (failure is NpgsqlException or TimeoutException)
                {
                    logger.AvailabilityNotNoted(failure.Message);
                }

                await _awake.WaitAsync(LookAgain, stoppingToken);
                await Task.Delay(Gathering, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end, which is no failure.
        }
        finally
        {
            signals.Received -= OnSignal;
        }
    }

    private void OnSignal(string channel, string payload)
    {
        if (channel != Stock.CrossedChannel)
            return;
        try
        {
            _awake.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }
}
