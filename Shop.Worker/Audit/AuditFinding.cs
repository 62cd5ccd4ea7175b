namespace Shop.Worker.Audit;

/// <summary>Something that doesn't fit.</summary>
/// <param name="Check">The check's name.</param>
/// <param name="Ids">What leads to it, e.g. <c>order_id</c> and <c>sku</c>.</param>
/// <param name="Wrong">What is there.</param>
/// <param name="Should">What ought to be.</param>
internal sealed record AuditFinding(string Check, IReadOnlyDictionary<string, string> Ids, string Wrong, string Should)
{
    public override string ToString() =>
        $"{Check}: {string.Join(' ', Ids.Select(id => $"{id.Key}={id.Value}"))}: {Wrong}; it should be: {Should}.";
}
