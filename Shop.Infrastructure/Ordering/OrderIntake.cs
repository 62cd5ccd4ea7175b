using Microsoft.Extensions.DependencyInjection;
using Shop.Infrastructure.Inventory;
using Shop.Infrastructure.Promotions;

namespace Shop.Infrastructure.Ordering;

/// <summary>
/// Where an order is accepted or refused. Orders that arrive together are written by one transaction
/// (<see cref="IntakeBatch"/>), each decided on its own: an accepted order has its stock, a refused one has touched nothing.
/// </summary>
/// <remarks>
/// Several replicas may do this on one database. They can't deadlock: stock rows are locked in SKU order, and idempotency
/// keys are written in order after all of them. A batch that the database failed is written again; orders that had been
/// committed already are recognised by their keys.
/// </remarks>
public sealed class OrderIntake : IAsyncDisposable
{
    private const int AttemptsOnTakenKey = 5;

    private readonly GroupCommit<IntakeItem, IntakeResult> _commits;
    private readonly NpgsqlDataSource _database;
    private readonly StockLevelCache _gate;
    private readonly TimeProvider _time;

    public OrderIntake(
        [FromKeyedServices(HotPath.Name)] NpgsqlDataSource database, StockLevelCache gate, IOptions<IntakeOptions> options,
        TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_database, _gate, _time) = (database, gate, time);
        var intake = options.Value;
        _commits = new(
            new GroupCommitOptions(intake.Capacity, intake.MaxBatch, intake.Writers), CommitAsync, item => item.Request.IdempotencyKey);
        OrderingTelemetry.Watch(this);
    }

    /// <summary>How many orders wait to be written.</summary>
    internal int Waiting => _commits.Depth;

    /// <exception cref="GroupCommitFullException">Too many orders wait already.</exception>
    public Task<IntakeResult> PlaceAsync(OrderRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return _commits.AddAsync(new IntakeItem(request, Activity.Current?.Id), cancellationToken);
        }
        catch (GroupCommitFullException)
        {
            OrderingTelemetry.Refused(RefusalReason.Full);
            throw;
        }
    }

    /// <summary>What an idempotency key was answered with before; null when it is new.</summary>
    public async Task<IntakeResult?> FindAsync(Guid idempotencyKey, byte[] hash, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        await using var batch = connection.CreateBatch();
        IdempotentOrder.AddRead(batch, [idempotencyKey]);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var known = await IdempotentOrder.ReadAsync(reader, cancellationToken);
        return known.TryGetValue(idempotencyKey, out var order) ? order.Answer(hash) : null;
    }

    /// <summary>The order that a version of a basket became; null when it was never ordered.</summary>
    public async Task<Guid?> FindOrderOfAsync(Guid basketVersion, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        await using var batch = connection.CreateBatch();
        OrderedBaskets.AddRead(batch, [basketVersion]);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return (await OrderedBaskets.ReadAsync(reader, cancellationToken)).TryGetValue(basketVersion, out var orderId) ? orderId : null;
    }

    /// <summary>Writes what waits, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await _commits.DisposeAsync();
        OrderingTelemetry.Forget(this);
    }

    private async Task<IReadOnlyList<IntakeResult>> CommitAsync(IReadOnlyList<IntakeItem> items, CancellationToken cancellationToken)
    {
        using var commit = CommitTrace.Start(OrderingTelemetry.Source, "intake commit", items.Select(item => item.TraceParent));
        for (var attempt = 1; ; attempt++)
        {
            var start = _time.GetTimestamp();
            try
            {
                await using var connection = await _database.OpenConnectionAsync(cancellationToken);
                var batch = new IntakeBatch(items, _time.GetUtcNow());
                var results = await batch.CommitAsync(connection, cancellationToken);
                var took = _time.GetElapsedTime(start);
                OrderingTelemetry.Decided(results, took);
                InventoryTelemetry.Reserved(batch.ReservedPieces);
                Trace(items, results, took, commit);
                await _gate.PublishAsync(batch.Levels, batch.SaleKeys);
                return results;
            }
            catch (PostgresException taken) when (attempt < AttemptsOnTakenKey && taken is
            {
                SqlState: PostgresErrorCodes.UniqueViolation,
                ConstraintName: IntakeBatch.KeyConstraint or OrderedBaskets.Constraint,
            })
            {
                // Another replica was given one of the keys or baskets in the same moment, for other SKUs, and has committed:
                // decided again, the batch finds it.
            }
        }
    }

    private void Trace(IReadOnlyList<IntakeItem> items, IReadOnlyList<IntakeResult> results, TimeSpan took, Activity? commit)
    {
        // Nobody is sampled: the rule under load.
        if (commit is null)
            return;
        var start = _time.GetUtcNow() - took;
        for (var index = 0; index < results.Count; index++)
        {
            if (results[index] is IntakeResult.Accepted accepted)
                CommitTrace.RecordWrite(
                    OrderingTelemetry.Source, "write order", items[index].TraceParent, start, accepted.OrderId, results.Count, commit);
        }
    }
}
