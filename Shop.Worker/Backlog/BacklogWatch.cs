using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Shop.Infrastructure.Inventory;
using Shop.Infrastructure.Messaging;

namespace Shop.Worker.Backlog;

/// <summary>Looks every few seconds at what waits, in Postgres and in RabbitMQ; each replica of the worker does, and they see the same.</summary>
internal sealed class BacklogWatch(
    BacklogGauges gauges,
    IServiceScopeFactory scopes,
    [FromKeyedServices(BrokerConnection.Consuming)] BrokerConnection broker,
    TimeProvider time,
    ILogger<BacklogWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Pulse = TimeSpan.FromSeconds(5);

    private static readonly string[] Queues =
        [BrokerTopology.PaymentsQueue, BrokerTopology.OrderingQueue, BrokerTopology.NotificationsQueue, BrokerTopology.DeadLetters];

    private bool _databaseSeen = true;
    private bool _brokerSeen = true;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            _databaseSeen = await LookAsync(LookAtDatabaseAsync, "Postgres", _databaseSeen, stoppingToken);
            _brokerSeen = await LookAsync(LookAtBrokerAsync, "RabbitMQ", _brokerSeen, stoppingToken);
            await Task.Delay(Pulse, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>Whether it was there; told once each time it isn't.</returns>
    private async Task<bool> LookAsync(Func<CancellationToken, Task> look, string server, bool seenBefore, CancellationToken stoppingToken)
    {
        try
        {
            await look(stoppingToken);
            return true;
        }
        catch (Exception failure)
        {
            if (seenBefore && !stoppingToken.IsCancellationRequested)
                logger.BacklogUnseen(server, failure.GetBaseException().Message);
            return false;
        }
    }

    private async Task LookAtDatabaseAsync(CancellationToken stoppingToken)
    {
        gauges.Messages(null);
        gauges.Oversold(null);
        await using var scope = scopes.CreateAsyncScope();
        gauges.Messages(await scope.ServiceProvider.GetRequiredService<OutboxDesk>().BacklogAsync(stoppingToken));
        gauges.Oversold(await scope.ServiceProvider.GetRequiredService<Stock>().OversoldAsync(stoppingToken));
    }

    private async Task LookAtBrokerAsync(CancellationToken stoppingToken)
    {
        gauges.Queues(null);
        var connection = await broker.GetAsync(stoppingToken);
        var depths = new Dictionary<string, uint>();
        foreach (var queue in Queues)
        {
            // Asking for a queue that isn't there yet closes the channel, so each has its own.
            await using var channel = await connection.CreateChannelAsync(cancellationToken: stoppingToken);
            try
            {
                depths[queue] = await channel.MessageCountAsync(queue, stoppingToken);
            }
            catch (OperationInterruptedException missing) when (missing.ShutdownReason?.ReplyCode == Constants.NotFound)
            {
                // Its consumer declares it in a moment.
            }
        }

        gauges.Queues(depths);
    }
}
