using Shop.Infrastructure.Inventory;
using Shop.Infrastructure.Messaging;

namespace Shop.Worker.Telemetry;

/// <summary>Reads the gauges of what stands in Postgres.</summary>
internal sealed class StoredNumbers(IServiceScopeFactory scopes)
{
    /// <exception cref="Npgsql.NpgsqlException">Postgres can't be asked now.</exception>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var (depth, age) = await scope.ServiceProvider.GetRequiredService<OutboxDesk>().BacklogAsync(cancellationToken);
        MessagingTelemetry.OutboxDepth.Set(depth);
        MessagingTelemetry.OutboxAge.Set(age.TotalSeconds);
        MessagingTelemetry.WaitingDeadLetters.Set(await scope.ServiceProvider.GetRequiredService<DeadLetters>().CountAsync(cancellationToken));
        InventoryTelemetry.Oversold.Set(await scope.ServiceProvider.GetRequiredService<Stock>().CountOversoldAsync(cancellationToken));
    }
}
