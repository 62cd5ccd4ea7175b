namespace Shop.Worker.Audit;

/// <summary>One thing that must hold over the whole database.</summary>
/// <param name="Name">What a finding is told by, e.g. <c>stock.ledger</c>.</param>
/// <param name="Rule">What must hold, as a sentence.</param>
/// <param name="Subject">What is looked at.</param>
/// <param name="Sql">
/// Selects what breaks the rule, a row a finding: <c>wrong</c> is what is there, <c>should</c> what ought to be, every other column
/// an id that leads to it. <c>$1</c> is the moment up to which everything should have settled: what changed later may be under way.
/// </param>
internal sealed record AuditCheck(string Name, string Rule, AuditSubject Subject, string Sql)
{
    /// <summary>What the statement needs as <c>$2</c>, where it needs something.</summary>
    public SqlValue? Parameter { get; init; }
}
