using System.Text;
using Npgsql;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Shop.Infrastructure;
using Shop.Infrastructure.Messaging;

namespace Shop.Worker.Messaging;

/// <summary>
/// Publishes what stands in the outbox. A row is deleted only after the broker has confirmed that a queue holds the
/// message; one that can't be published waits with growing delay and never holds up the others. Several relays share
/// the work by skipping each other's locked rows.
/// </summary>
internal sealed class OutboxRelay(
    IServiceProvider services,
    IServiceScopeFactory scopes,
    DatabaseSignals signals,
    TimeProvider time,
    ILogger<OutboxRelay> logger) : BackgroundService
{
    private const int BatchSize = 200;

    /// <summary>How long to sleep when nobody wakes us: notifications are lost while their connection is.</summary>
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _awake = new(1, 1);

    public override void Dispose()
    {
        _awake.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        signals.Received += Wake;
        IChannel? channel = null;
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                try
                {
                    channel = await OpenAsync(channel, stoppingToken);
                    while (await RelayBatchAsync(channel, stoppingToken) == BatchSize)
                    {
                    }
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    // Whatever it was, the rows are still there and will be tried again.
                    logger.LogWarning("The outbox can't be relayed now ({Reason}); trying again.", failure.Message);
                }

                await _awake.WaitAsync(PollInterval, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            logger.LogInformation("The outbox relay has stopped.");
        }
        finally
        {
            signals.Received -= Wake;
            if (channel is not null)
                await channel.DisposeAsync();
        }
    }

    private async Task<IChannel> OpenAsync(IChannel? current, CancellationToken cancellationToken)
    {
        if (current is { IsOpen: true })
            return current;
        if (current is not null)
            await current.DisposeAsync();

        // Resolved here, not in the constructor: it connects, and the broker may not be there yet.
        var connection = services.GetRequiredService<IConnection>();
        var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancellationToken);
        await BrokerTopology.DeclareAsync(channel, cancellationToken);
        return channel;
    }

    /// <returns>How many rows were due.</returns>
    private async Task<int> RelayBatchAsync(IChannel channel, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var connection = await scope.ServiceProvider.GetRequiredService<ShopDbContext>().OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var rows = await TakeAsync(connection, cancellationToken);
        if (rows.Count == 0)
            return 0;

        var outcomes = await Task.WhenAll(rows.Select(row => PublishAsync(channel, row, cancellationToken)));
        var published = rows.Where((_, index) => outcomes[index] is null).Select(row => row.Id).ToArray();
        await using var batch = connection.CreateBatch();
        batch.Add("DELETE FROM messaging.outbox WHERE id = ANY ($1)", published);
        foreach (var (row, reason) in rows.Zip(outcomes).Where(pair => pair.Second is not null))
        {
            logger.LogWarning("Event {EventId} ({Type}) couldn't be published: {Reason}", row.Id, row.Type, reason);
            batch.Add(
                "UPDATE messaging.outbox SET attempts = attempts + 1, last_error = $2, next_attempt_at = $3 WHERE id = $1",
                row.Id, reason, time.GetUtcNow() + Delay(row.Attempts));
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return rows.Count;
    }

    private async Task<List<OutboxRow>> TakeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = connection.Sql("""
            SELECT id, type, payload, trace_parent, attempts FROM messaging.outbox
            WHERE next_attempt_at <= $1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED
            """, time.GetUtcNow(), BatchSize);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<OutboxRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new OutboxRow(
                reader.GetGuid(0), reader.GetString(1), reader.GetString(2),
                await reader.IsDBNullAsync(3, cancellationToken) ? null : reader.GetString(3), reader.GetInt32(4)));
        }

        return rows;
    }

    /// <returns>Null when the broker has confirmed it, otherwise why not.</returns>
    private static async Task<string?> PublishAsync(IChannel channel, OutboxRow row, CancellationToken cancellationToken)
    {
        var properties = new BasicProperties
        {
            MessageId = row.Id.ToString(),
            Type = row.Type,
            ContentType = "application/json",
            DeliveryMode = DeliveryModes.Persistent,
            Headers = row.TraceParent is null ? null : new Dictionary<string, object?> { ["traceparent"] = row.TraceParent },
        };
        try
        {
            // Mandatory: a message that no queue takes comes back as a failure instead of vanishing.
            await channel.BasicPublishAsync(
                BrokerTopology.Exchange, row.Type, mandatory: true, properties, Encoding.UTF8.GetBytes(row.Payload), cancellationToken);
            return null;
        }
        catch (PublishException refused)
        {
            return refused.IsReturn ? "no queue takes it" : "the broker refused it";
        }
    }

    private static TimeSpan Delay(int attempts) => TimeSpan.FromSeconds(Math.Min(Math.Pow(2, attempts), 60));

    private void Wake(string channel, string payload)
    {
        if (channel != Outbox.Channel || _awake.CurrentCount > 0)
            return;
        try
        {
            _awake.Release();
        }
        catch (SemaphoreFullException)
        {
            // Another notification was faster: the relay is awake already.
        }
    }

    private sealed record OutboxRow(Guid Id, string Type, string Payload, string? TraceParent, int Attempts);
}
