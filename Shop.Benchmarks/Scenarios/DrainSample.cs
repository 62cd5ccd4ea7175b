namespace Shop.Benchmarks.Scenarios;

/// <summary>The shop at a moment while it settles orders.</summary>
/// <param name="At">Since the first order was sent.</param>
/// <param name="Unsettled">Orders that are neither confirmed nor cancelled.</param>
/// <param name="Outbox">Messages that wait to be published.</param>
/// <param name="Queued">Messages that wait in the broker for a consumer.</param>
/// <param name="ResidentBytes">Memory by process.</param>
internal sealed record DrainSample(TimeSpan At, long Unsettled, long Outbox, long Queued, IReadOnlyDictionary<string, long> ResidentBytes);
