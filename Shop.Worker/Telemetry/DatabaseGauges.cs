using Shop.Infrastructure.Inventory;

namespace Shop.Worker.Telemetry;

/// <summary>Reads the gauges of what stands in Postgres.</summary>
internal sealed class DatabaseGauges(OutboxAdministration outbox, DeadLetters letters, Stock stock)
{
    /// <exception cref="Npgsql.NpgsqlException">Postgres can't be asked now.</exception>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        var (depth, age) = await outbox.BacklogAsync(cancellationToken);
        MessagingTelemetry.OutboxDepth.Set(depth);
        MessagingTelemetry.OutboxAge.Set(age.TotalSeconds);
        MessagingTelemetry.WaitingDeadLetters.Set(await letters.CountAsync(cancellationToken));
        InventoryTelemetry.Oversold.Set(await stock.CountOversoldAsync(cancellationToken));
    }
}
