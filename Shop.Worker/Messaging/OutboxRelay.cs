using Microsoft.Extensions.Diagnostics.HealthChecks;
using RabbitMQ.Client;

namespace Shop.Worker.Messaging;

/// <summary>
/// Publishes what stands in the outbox. A row is deleted only after the broker has confirmed that every queue it belongs in
/// holds the message; one that comes back waits with growing delay and never holds up the others; after too many tries
/// it is parked. Several relays, here and in other processes, share the work by skipping each other's locked rows.
/// </summary>
/// <remarks>
/// A relay that dies between confirm and commit publishes its batch again, under the same ids: every consumer's inbox is
/// there for that. Order isn't promised. Its health is whether events get away.
/// </remarks>
internal sealed class OutboxRelay(
    [FromKeyedServices(BrokerConnection.Publishing)] BrokerConnection broker,
    [FromKeyedServices(HotPath.Name)] NpgsqlDataSource database,
    DatabaseSignals signals,
    IOptions<RelayOptions> options,
    TimeProvider time,
    ILogger<OutboxRelay> logger) : BackgroundService, IHealthCheck
{
    /// <summary>How long to sleep when nobody wakes us: notifications are lost while their connection is.</summary>
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a relay that has caught up lets events gather before it looks again, however often it is woken: under load
    /// every commit wakes it, and a batch costs the database the same with one event or with hundreds.
    /// </summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(5);

    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromMinutes(1);

    private readonly RelayOptions _options = options.Value;
    private readonly SemaphoreSlim _awake = new(1, 1);
    private volatile string? _trouble = "It has only just started.";

    public override void Dispose()
    {
        _awake.Dispose();
        base.Dispose();
    }

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (_trouble is { } trouble)
            return new HealthCheckResult(
                context.Registration.FailureStatus, $"Events aren't published, they wait in the outbox: {trouble}");
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var batch = connection.CreateBatch();
        batch.Add("""
            SELECT greatest(occurred_at, next_attempt_at) FROM messaging.outbox
            WHERE parked_at IS NULL AND next_attempt_at <= $1 ORDER BY next_attempt_at, id LIMIT 1
            """, time.GetUtcNow());
        // Refused again and again they are never due for long, and a refusal doesn't count as an attempt.
        batch.Add("SELECT min(occurred_at) FROM messaging.outbox WHERE parked_at IS NULL AND next_attempt_at > '-infinity' AND attempts = "
            + "0");
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var waiting = await AgeAsync(reader, cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var refused = await AgeAsync(reader, cancellationToken);
        return refused > _options.LateAfter
            ? HealthCheckResult.Degraded(
                $"RabbitMQ has been refusing events for {refused.TotalSeconds:0} s, they wait in the outbox: a queue is full or down.")
            : waiting > _options.LateAfter
                ? HealthCheckResult.Degraded(
                    $"An event has been waiting for {waiting.TotalSeconds:0} s to be published: more comes in than gets away.")
                : HealthCheckResult.Healthy();
    }

    /// <summary>How long ago what the result's row tells was; no time at all when there is none.</summary>
    private async Task<TimeSpan> AgeAsync(NpgsqlDataReader reader, CancellationToken cancellationToken) =>
        await reader.ReadAsync(cancellationToken) && !reader.IsDBNull(0)
            ? time.GetUtcNow() - reader.GetFieldValue<DateTimeOffset>(0)
            : TimeSpan.Zero;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        signals.Received += OnSignal;
        try
        {
            await Task.WhenAll(
                Enumerable.Range(0, _options.Workers).Select(_ => Task.Run(() => RelayAsync(stoppingToken), CancellationToken.None)));
        }
        finally
        {
            signals.Received -= OnSignal;
        }
    }

    private async Task RelayAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // First the broker, then the database: while there is nobody to publish to, no row is touched.
                await using var channel = await OpenAsync(stoppingToken);
                await using var connection = await database.OpenConnectionAsync(stoppingToken);
                await RelayAsync(channel, connection, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                // Whatever it was, the rows are still there and will be tried again.
                if (_trouble != failure.Message)
                    logger.OutboxNotRelayed(failure.Message);
                _trouble = failure.Message;
            }

            await Task.Delay(PollInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<ConfirmingChannel> OpenAsync(CancellationToken cancellationToken)
    {
        var channel = await ConfirmingChannel.OpenAsync(await broker.GetAsync(cancellationToken), cancellationToken);
        try
        {
            await BrokerTopology.DeclareAsync(channel.Channel, cancellationToken);
            return channel;
        }
        catch
        {
            await channel.DisposeAsync();
            throw;
        }
    }

    /// <summary>Relays until broker or database fail.</summary>
    private async Task RelayAsync(ConfirmingChannel channel, NpgsqlConnection connection, CancellationToken stoppingToken)
    {
        while (channel.IsOpen)
        {
            if (broker.Blocked is { } alarm)
                throw new InvalidOperationException($"RabbitMQ takes no messages at present ({alarm}).");
            var taken = await RelayBatchAsync(channel, connection, stoppingToken);
            if (_trouble is not null)
            {
                logger.OutboxRelayed();
                _trouble = null;
            }

            stoppingToken.ThrowIfCancellationRequested();
            if (taken == _options.BatchSize)
            {
                // More waits than one takes at once: go on, and call another to help.
                Wake();
                continue;
            }

            if (taken > 0)
                await Task.Delay(Gathering, time, stoppingToken);
            await _awake.WaitAsync(PollInterval, stoppingToken);
        }

        throw new IOException("the connection to RabbitMQ was lost");
    }

    /// <summary>Takes rows, publishes them and commits that they are gone. What fails in between leaves them where they are.</summary>
    /// <returns>How many rows were due.</returns>
    private async Task<int> RelayBatchAsync(ConfirmingChannel channel, NpgsqlConnection connection, CancellationToken stoppingToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(stoppingToken);
        var rows = await TakeAsync(connection, stoppingToken);
        if (rows.Count == 0)
            return 0;

        // What has been begun is finished, also while the worker stops.
        var outcomes = await channel.PublishAsync([.. rows.Select(Message)]);
        if (outcomes.Contains(PublishOutcome.Unknown))
            throw new IOException("the channel to RabbitMQ was lost while publishing");
        var returned = rows.Zip(outcomes).Where(pair => pair.Second is not PublishOutcome.Confirmed).ToList();
        var parked = returned.Count > 0 ? await PutBackAsync(connection, returned) : 0;
        await transaction.CommitAsync(CancellationToken.None);
        MessagingTelemetry.Published.Add(rows.Count - returned.Count);
        MessagingTelemetry.Refused.Add(returned.Count);
        MessagingTelemetry.Parked.Add(parked);
        return rows.Count;
    }

    private async Task<List<OutboxRow>> TakeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var batch = connection.CreateBatch();
        // If the server crashes before this commit is on its disk, the events are published once more: no need to wait for the disk.
        batch.Add("SET LOCAL synchronous_commit TO off");
        // The broker may take its time to confirm; a relay that is stopped meanwhile holds only rows that others skip.
        batch.Add("SET LOCAL idle_in_transaction_session_timeout TO '60s'");
        // The array is made once. A subquery with a limit may be run again for every row of a plan's outer side.
        batch.Add("""
            DELETE FROM messaging.outbox WHERE id = ANY (ARRAY(
                SELECT id FROM messaging.outbox
                WHERE parked_at IS NULL AND next_attempt_at <= $1
                ORDER BY next_attempt_at, id LIMIT $2 FOR UPDATE SKIP LOCKED))
            RETURNING id, type, payload, trace_parent, occurred_at, attempts, queue, message_id
            """, time.GetUtcNow(), _options.BatchSize);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var rows = await reader.RowsAsync(row => new OutboxRow(
                row.GetGuid(0), row.GetString(1), row.GetFieldValue<byte[]>(2), row.GetStringOrNull(3),
                row.GetFieldValue<DateTimeOffset>(4), row.GetInt32(5), row.GetStringOrNull(6),
                row.IsDBNull(7) ? null : row.GetGuid(7)), cancellationToken);
        return rows;
    }

    /// <returns>How many of them are parked.</returns>
    private async Task<int> PutBackAsync(NpgsqlConnection connection, IReadOnlyList<(OutboxRow Row, PublishOutcome Outcome)> returned)
    {
        var parked = 0;
        var now = time.GetUtcNow();
        await using var batch = connection.CreateBatch();
        foreach (var (row, outcome) in returned)
        {
            var reason = (outcome, row.Queue) switch
            {
                (PublishOutcome.Unroutable, null) => $"No queue takes events of type {row.Type}.",
                (PublishOutcome.Unroutable, _) => $"There is no queue {row.Queue}.",
                _ => "RabbitMQ refused it: a queue it belongs in is full or not available.",
            };
            // A refusal is the broker's trouble and passes with it; only what nobody takes is given up.
            var attempts = row.Attempts + (outcome is PublishOutcome.Unroutable ? 1 : 0);
            var isParked = attempts >= _options.Attempts;
            if (isParked)
                logger.EventParked(row.Id, row.Type, attempts, reason);
            else
                logger.EventNotPublished(row.Id, row.Type, reason);
            parked += isParked ? 1 : 0;
            batch.Add(
                """
                INSERT INTO messaging.outbox (id, type, payload, trace_parent, occurred_at, queue, message_id, attempts, last_error,
                    next_attempt_at, parked_at)
                VALUES ($1, $2, convert_from($3, 'UTF8'), $4, $5, $6, $7, $8, $9, $10, $11)
                """,
                row.Id, row.Type, row.Payload, row.TraceParent, row.OccurredAt, row.Queue, row.MessageId,
                attempts, reason, now + Delay(row.Attempts), isParked ? now : (DateTimeOffset?)null);
        }

        await batch.ExecuteNonQueryAsync(CancellationToken.None);
        return parked;
    }

    private static OutgoingMessage Message(OutboxRow row) => new(
        row.Queue is null ? BrokerTopology.Exchange : "",
        row.Queue ?? row.Type,
        new BasicProperties
        {
            MessageId = (row.MessageId ?? row.Id).ToString(),
            Type = row.Type,
            ContentType = "application/json",
            DeliveryMode = DeliveryModes.Persistent,
        },
        row.Payload,
        row.TraceParent);

    private TimeSpan Delay(int attempts)
    {
        var delay = _options.RetryDelay * Math.Pow(2, Math.Min(attempts, 16));
        return delay < LongestRetryDelay ? delay : LongestRetryDelay;
    }

    private void OnSignal(string channel, string payload)
    {
        if (channel == Outbox.Channel)
            Wake();
    }

    private void Wake()
    {
        if (_awake.CurrentCount > 0)
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

    private sealed record OutboxRow(
        Guid Id, string Type, byte[] Payload, string? TraceParent, DateTimeOffset OccurredAt, int Attempts, string? Queue, Guid? MessageId);
}
