using RabbitMQ.Client;

namespace Shop.Worker.Messaging;

/// <summary>
/// Stores dead letters, where people can look at them and send them again. A letter has nowhere else to go: it is tried
/// until it is stored.
/// </summary>
internal sealed class DeadLetterConsumer(NpgsqlDataSource database, TimeProvider time, ILogger<DeadLetterConsumer> logger)
    : IDeliveryHandler, IAsyncDisposable
{
    /// <summary>
    /// What RabbitMQ tells of the deaths it decided on itself, the latest first (its documentation, "Dead Letter Exchanges").
    /// </summary>
    private const string BrokersDeaths = "x-death";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly GroupCommit<DeadMessage, bool> _letters = new(
        new GroupCommitOptions(Capacity: 4096, MaxBatch: 100, Writers: 1),
        async (letters, cancellationToken) =>
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await using var batch = connection.CreateBatch();
            DeadLetters.Add(batch, letters);
            await batch.ExecuteNonQueryAsync(cancellationToken);
            return [.. letters.Select(_ => true)];
        },
        letter => letter.Id);

    public async Task HandleAsync(Delivery delivery, CancellationToken stopping)
    {
        var letter = Read(delivery);
        logger.MessageDied(letter.MessageId, letter.Type, letter.Queue, letter.Reason);
        while (true)
        {
            try
            {
                await _letters.AddAsync(letter, CancellationToken.None);
                return;
            }
            catch (Exception failure)
            {
                logger.DeadLetterNotStored(letter.MessageId, failure.Message);
            }

            await Task.Delay(Pause, time, stopping);
        }
    }

    public ValueTask DisposeAsync() => _letters.DisposeAsync();

    private DeadMessage Read(Delivery delivery)
    {
        var headers = delivery.Headers;
        var (attempts, reason) = (delivery.FailedAttempts, headers.Text(MessageHeaders.Reason));
        if (headers.Text(MessageHeaders.DiedIn) is { } givenUpIn)
            return Letter(givenUpIn, reason ?? "It was given up without a reason.", attempts, headers.Time(MessageHeaders.DiedAt));

        var death = headers?.TryGetValue(BrokersDeaths, out var deaths) is true && deaths is IList<object?> { Count: > 0 } list
            ? list[0] as IDictionary<string, object?>
            : null;
        DateTimeOffset? diedAt = death?.TryGetValue("time", out var moment) is true && moment is AmqpTimestamp { UnixTime: > 0 } stamp
            ? DateTimeOffset.FromUnixTimeSeconds(stamp.UnixTime)
            : null;
        var before = reason is null ? "" : $" Before that it had failed: {reason}";
        return death.Text("reason") switch
        {
            "delivery_limit" => Letter(
                death.Text("queue"),
                $"It was handed out {BrokerTopology.DeliveryLimit + 1} times without an answer: whoever handles it may not survive "
                    + $"it.{before}",
                attempts + BrokerTopology.DeliveryLimit + 1, diedAt),
            { } other => Letter(death.Text("queue"), $"RabbitMQ gave it up ({other}).{before}", attempts, diedAt),
            null => Letter(null, "It was sent to the dead letters by somebody who didn't say why.", attempts, diedAt),
        };

        DeadMessage Letter(string? queue, string why, int tries, DateTimeOffset? died) => new(
            delivery.MessageId, queue ?? BrokerTopology.DeadLetters, delivery.Type, delivery.Body.ToArray(), delivery.TraceParent,
            why, tries, headers.Time(MessageHeaders.FirstFailedAt), died ?? time.GetUtcNow());
    }
}
