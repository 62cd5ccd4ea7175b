namespace Shop.Infrastructure.Promotions;

/// <summary>Which idempotency keys have an order: what the gate asks Ordering for, which in turn asks the gate.</summary>
public interface IAcceptedKeys
{
    /// <summary>The keys of the orders with any of these SKUs. It reads all keys since then: for rare occasions.</summary>
    Task<IReadOnlyCollection<Guid>> OfAsync(string[] skus, DateTimeOffset since, CancellationToken cancellationToken);
}
