using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Shop.Infrastructure.Messaging;

/// <summary>
/// Passes Postgres' NOTIFY on to this process: one connection that LISTENs for all. A signal says "look now";
/// whoever waits for one also looks by itself from time to time, since signals are lost while the connection is.
/// </summary>
public sealed class DatabaseSignals(NpgsqlDataSource database, IReadOnlyList<string> channels, ILogger<DatabaseSignals> logger)
    : BackgroundService
{
    private static readonly TimeSpan ReconnectDelay = TimeSpan.FromSeconds(1);

    /// <summary>A notification has come: its channel and its payload.</summary>
    public event Action<string, string>? Received;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (Exception failure) when (failure is NpgsqlException or IOException or TimeoutException)
            {
                logger.DatabaseSignalsInterrupted(failure.Message);
                await Task.Delay(ReconnectDelay, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task ListenAsync(CancellationToken stoppingToken)
    {
        await using var connection = await database.OpenConnectionAsync(stoppingToken);
        void Pass(object sender, NpgsqlNotificationEventArgs signal) => Received?.Invoke(signal.Channel, signal.Payload);
        connection.Notification += Pass;
        try
        {
            await using var listen = connection.Sql(string.Join(';', channels.Select(channel => $"LISTEN {channel}")));
            await listen.ExecuteNonQueryAsync(stoppingToken);
            while (true)
                await connection.WaitAsync(stoppingToken);
        }
        finally
        {
            connection.Notification -= Pass;
        }
    }
}
