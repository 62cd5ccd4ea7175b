using System.Data;

namespace Shop.Worker.Audit;

/// <summary>
/// Holds the whole database against the rules of the shop. It reads everything in one snapshot, so that it sees the shop
/// as it was at one moment while the shop goes on, and it changes nothing.
/// </summary>
internal static class Auditor
{
    /// <summary>How many findings of a check are kept; of the rest only their number, since whoever reads them starts with these.</summary>
    private const int MaxFindings = 100;

    public static IReadOnlyList<AuditCheck> Checks { get; } =
    [
        .. StockChecks.All, .. OrderChecks.All, .. PaymentChecks.All, .. ProviderChecks.All, .. PromotionChecks.All, .. MessagingChecks.All,
    ];

    /// <param name="connection">Open, and in no transaction.</param>
    /// <param name="settledBefore">What changed after this may be under way, and nothing is said about it.</param>
    public static async Task<AuditReport> RunAsync(
        NpgsqlConnection connection, DateTimeOffset settledBefore, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        await using (var settings = connection.CreateBatch())
        {
            settings.Add("SET TRANSACTION READ ONLY");
            // Every check goes through whole tables. Where the statistics are young the planner takes them for small ones,
            // and a nested loop over them would never end.
            settings.Add("SET LOCAL enable_nestloop = off");
            settings.Add("SET LOCAL work_mem = '64MB'");
            await settings.ExecuteNonQueryAsync(cancellationToken);
        }

        var counts = new Dictionary<AuditSubject, long>();
        foreach (var subject in Checks.Select(check => check.Subject).Distinct())
            counts.Add(subject, await CountAsync(connection, subject, cancellationToken));

        var audited = new List<AuditedCheck>(Checks.Count);
        foreach (var check in Checks)
        {
            var lookedAt = counts[check.Subject];
            var (found, findings) = lookedAt == 0 && check.Subject.IsOptional
                ? (0, [])
                : await FindAsync(connection, check, settledBefore, cancellationToken);
            audited.Add(new AuditedCheck(check.Name, check.Rule, check.Subject.Name, lookedAt, found, findings));
        }

        await transaction.RollbackAsync(cancellationToken);
        return new AuditReport(settledBefore, audited);
    }

    private static async Task<long> CountAsync(NpgsqlConnection connection, AuditSubject subject, CancellationToken cancellationToken)
    {
        if (subject.IsOptional)
        {
            await using var there = connection.Sql("SELECT to_regclass($1) IS NOT NULL", subject.Table);
            if (await there.ExecuteScalarAsync(cancellationToken) is false)
                return 0;
        }

        await using var count = connection.Sql($"SELECT count(*) FROM {subject.Table}");
        return (long)(await count.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task<(long Found, IReadOnlyList<AuditFinding> Findings)> FindAsync(
        NpgsqlConnection connection, AuditCheck check, DateTimeOffset settledBefore, CancellationToken cancellationToken)
    {
        await using var command = check.Parameter is { } parameter
            ? connection.Sql(check.Sql, settledBefore, parameter)
            : connection.Sql(check.Sql, settledBefore);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (wrong, should) = (reader.GetOrdinal("wrong"), reader.GetOrdinal("should"));
        var findings = new List<AuditFinding>();
        var found = 0L;
        while (await reader.ReadAsync(cancellationToken))
        {
            if (++found > MaxFindings)
                continue;
            var ids = new Dictionary<string, string>(StringComparer.Ordinal);
            for (var column = 0; column < reader.FieldCount; column++)
            {
                if (column != wrong && column != should && !await reader.IsDBNullAsync(column, cancellationToken))
                    ids.Add(reader.GetName(column), Convert.ToString(reader.GetValue(column), CultureInfo.InvariantCulture)!);
            }

            findings.Add(new AuditFinding(check.Name, ids, reader.GetString(wrong), reader.GetString(should)));
        }

        return (found, findings);
    }
}
