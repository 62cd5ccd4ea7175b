using System.Text.Json.Serialization;

namespace Shop.Worker.Audit;

/// <summary>What an audit has seen of the database as it was at one moment.</summary>
/// <param name="SettledBefore">What changed after this may be under way, and nothing is said about it.</param>
internal sealed record AuditReport(DateTimeOffset SettledBefore, IReadOnlyList<AuditedCheck> Checks)
{
    public long Found => Checks.Sum(check => check.Found);
}

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

/// <summary>What came of one check.</summary>
/// <param name="LookedAt">How many there are of <paramref name="Subject"/>.</param>
/// <param name="Found">How many don't fit; <paramref name="Findings"/> holds the first of them.</param>
internal sealed record AuditedCheck(
    string Name, string Rule, string Subject, long LookedAt, long Found, IReadOnlyList<AuditFinding> Findings);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(AuditReport))]
internal sealed partial class AuditJson : JsonSerializerContext;
