namespace Shop.Worker.Audit;

/// <summary>What an audit has seen of the database as it was at one moment.</summary>
/// <param name="SettledBefore">What changed after this may be under way, and nothing is said about it.</param>
internal sealed record AuditReport(DateTimeOffset SettledBefore, IReadOnlyList<AuditedCheck> Checks)
{
    public long Found => Checks.Sum(check => check.Found);
}
