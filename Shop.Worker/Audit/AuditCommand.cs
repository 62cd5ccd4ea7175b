namespace Shop.Worker.Audit;

/// <summary>
/// <c>Shop.Worker audit</c>: whether everything in the database fits together. Changes nothing; may run while the shop does.
/// </summary>
internal static class AuditCommand
{
    private const int NothingFound = 0;
    private const int Found = 1;
    private const int WrongUsage = 2;
    private const int NotAudited = 3;

    /// <summary>Longer than a message takes from one module to the next, with a restart in between.</summary>
    private static readonly TimeSpan OrdinaryGrace = TimeSpan.FromSeconds(60);

    private const string Usage = """
        Shop.Worker audit [--grace SECONDS] [--json]

        Checks that everything in the database fits together: stock with its ledger, reservations with orders, orders with
        payments, payments with the simulated provider's books, flash sales with what was bought, and the messages between them.
        It reads one snapshot, changes nothing, and may run while the shop does. The database is ConnectionStrings__shopdb.

          --grace SECONDS   what changed within this time may be under way and is no finding: 60 if not given, 0 for a shop at rest
          --json            the report as JSON
          --help            this text

        Exit code: 0 nothing found, 1 something found (a line each), 2 wrong usage, 3 the database couldn't be read.
        """;

    public static async Task<int> RunAsync(string[] arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        var (grace, json) = (OrdinaryGrace, false);
        for (var remaining = arguments.AsMemory(); !remaining.IsEmpty;)
        {
            switch (remaining.Span)
            {
                case ["--help" or "-h", ..]:
                    Console.WriteLine(Usage);
                    return NothingFound;
                case ["--json", ..]:
                    json = true;
                    remaining = remaining[1..];
                    break;
                case ["--grace", var seconds, ..] when int.TryParse(
                    seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var count):
                    grace = TimeSpan.FromSeconds(count);
                    remaining = remaining[2..];
                    break;
                case ["--grace", ..]:
                    await Console.Error.WriteLineAsync("--grace needs a whole number of seconds, 0 or more, such as `--grace 60`.");
                    return WrongUsage;
                default:
                    await Console.Error.WriteLineAsync($"'{remaining.Span[0]}' is not an option of the audit.\n\n{Usage}");
                    return WrongUsage;
            }
        }

        // The arguments are read above; what is left is configuration from the environment.
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddEnvironmentVariables();
        builder.AddShopDatabase();
        using var host = builder.Build();
        try
        {
            await using var connection = await host.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();
            var now = host.Services.GetRequiredService<TimeProvider>().GetUtcNow();
            var report = await Auditor.RunAsync(connection, now - grace, CancellationToken.None);
            Console.WriteLine(json ? JsonSerializer.Serialize(report, AuditJson.Default.AuditReport) : Describe(report));
            return report.Found == 0 ? NothingFound : Found;
        }
        catch (Exception failure) when (failure is NpgsqlException or InvalidOperationException)
        {
            await Console.Error.WriteLineAsync($"The database couldn't be audited: {failure.GetBaseException().Message}");
            return NotAudited;
        }
    }

    private static string Describe(AuditReport report)
    {
        var lines = new List<string>();
        foreach (var check in report.Checks)
        {
            lines.AddRange(check.Findings.Select(finding => finding.ToString()));
            if (check.Found > check.Findings.Count)
                lines.Add($"{check.Name}: … and {check.Found - check.Findings.Count} more.");
        }

        lines.Add(report.Found switch
        {
            0 => "Nothing found.",
            1 => "1 finding.",
            var found => string.Create(CultureInfo.InvariantCulture, $"{found} findings."),
        });
        lines.Add("");
        var nameWidth = report.Checks.Max(check => check.Name.Length);
        lines.AddRange(report.Checks.Select(check => string.Create(
            CultureInfo.InvariantCulture,
            $"{check.Name.PadRight(nameWidth)}  {check.LookedAt,10} {check.Subject,-20} "
            + $"{(check.Found == 0 ? "ok" : $"{check.Found} found"),-12} {check.Rule}")));
        return string.Join(Environment.NewLine, lines);
    }
}
