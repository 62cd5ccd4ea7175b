namespace Shop.Worker.Audit;

/// <summary>What came of one check.</summary>
/// <param name="LookedAt">How many there are of <paramref name="Subject"/>.</param>
/// <param name="Found">How many don't fit; <paramref name="Findings"/> holds the first of them.</param>
internal sealed record AuditedCheck(
    string Name, string Rule, string Subject, long LookedAt, long Found, IReadOnlyList<AuditFinding> Findings);
