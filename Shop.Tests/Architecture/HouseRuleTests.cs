using System.Text.RegularExpressions;

namespace Shop.Tests.Architecture;

/// <summary>What a reader of the sources may rely on.</summary>
[Trait("Category", "Architecture")]
public sealed partial class HouseRuleTests
{
    private static readonly string[] Applications =
    [
        "Shop.AppHost", "Shop.ApiService", "Shop.Contracts", "Shop.Domain", "Shop.Infrastructure", "Shop.LocalServers",
        "Shop.ServiceDefaults",
        "Shop.Web", "Shop.Worker",
    ];

    /// <summary>In characters.</summary>
    private const int WidestLine = 140;

    /// <summary>Folders by whose names nobody can tell what is in them.</summary>
    private static readonly string[] VagueNames = ["Helpers", "Utils", "Utilities", "Common", "Services", "Managers", "Misc"];

    /// <summary>The modules that keep something in Postgres, with the schema that each owns.</summary>
    private static readonly string[] Schemas =
        ["catalog", "inventory", "ordering", "payments", "promotions", "customers", "messaging", "insights", "simulated_provider"];

    /// <summary>The auditor stands outside the modules: whether they agree with each other can only be seen across their borders.</summary>
    private static readonly string Audit = Repository.File("Shop.Worker", "Audit") + Path.DirectorySeparatorChar;

    [Fact]
    public void A_folder_is_named_after_what_is_in_it()
    {
        var folders = Applications.Append("Shop.Benchmarks").Append("Shop.Tests")
            .SelectMany(root => Directory.EnumerateDirectories(Repository.File(root), "*", SearchOption.AllDirectories))
            .Where(IsSource).Select(Path.GetFileName).ToArray();

        Assert.Contains("Ordering", folders);
        Assert.Empty(folders.Intersect(VagueNames, StringComparer.OrdinalIgnoreCase));
    }

    [Fact]
    public void The_AppHost_fits_one_screen() =>
        Assert.InRange(File.ReadLines(Repository.File("Shop.AppHost", "AppHost.cs")).Count(), 1, 70);

    [Fact]
    public void The_applications_are_the_same_whatever_runs_them()
    {
        var sources = SourceFiles().ToArray();

        Assert.True(sources.Length > 50);
        Assert.All(sources,
            file => Assert.DoesNotContain(File.ReadLines(file), line => line.TrimStart().StartsWith("#if", StringComparison.Ordinal)));
    }

    [Fact]
    public void No_line_is_wider_than_a_screen_but_what_was_drawn_or_is_a_font()
    {
        string[] kinds = [".cs", ".razor", ".css", ".js", ".sql", ".sh"];
        var wide = Directory.EnumerateFiles(Repository.Root, "*", SearchOption.AllDirectories)
            .Where(file => kinds.Contains(Path.GetExtension(file)) && IsSource(file) && Path.GetFileName(file) != "Icon.razor")
            .SelectMany(file => File.ReadLines(file).Index().Where(
                line => line.Item.Length > WidestLine && !line.Item.Contains("unicode-range"))
                .Select(line => $"{Path.GetRelativePath(Repository.Root, file)}:{line.Index + 1}"));

        Assert.Empty(wide);
    }

    [Fact]
    public void No_statement_of_a_migration_crosses_the_border_between_two_modules()
    {
        var statements = Directory.GetFiles(Repository.File("Shop.Infrastructure", "Migrations"), "*.sql")
            .SelectMany(file => Statement().Matches(SqlComment().Replace(File.ReadAllText(file), "")).Select(
                match => (File: Path.GetFileName(file), Sql: match.Value)))
            .ToArray();

        Assert.Contains(statements, statement => SchemasIn(statement.Sql).Count == 1);
        Assert.All(statements, statement =>
            Assert.True(SchemasIn(statement.Sql).Count <= 1,
                $"{statement.File} ties {string.Join(" to ", SchemasIn(statement.Sql))}: {statement.Sql}"));
    }

    [Fact]
    public void No_statement_crosses_the_border_between_two_modules()
    {
        var statements = SourceFiles().Where(file => !file.StartsWith(Audit, StringComparison.Ordinal)).SelectMany(
            file => StringLiteral().Matches(File.ReadAllText(file)).Select(match => (File: Path.GetFileName(file), Sql: match.Value)))
            .Where(literal => SqlVerb().IsMatch(literal.Sql) && SchemasIn(literal.Sql).Count > 0).ToArray();

        Assert.True(statements.Length > 20, $"Only {statements.Length} statements were found: is the SQL elsewhere now?");
        Assert.All(statements, statement =>
            Assert.True(SchemasIn(statement.Sql).Count == 1,
                $"{statement.File} joins {string.Join(" and ", SchemasIn(statement.Sql))}: {statement.Sql}"));
    }

    [Fact]
    public void What_is_logged_has_an_event_id_of_its_own_and_costs_nothing_when_nobody_reads_it()
    {
        var pages = Directory.EnumerateFiles(Repository.File("Shop.Web"), "*.razor", SearchOption.AllDirectories);
        var sources = SourceFiles().Concat(pages).Select(File.ReadAllText).ToArray();
        var ids = sources.SelectMany(source => EventId().Matches(source)).Select(match => match.Groups[1].Value).ToArray();

        Assert.True(ids.Length > 20);
        Assert.Equal(ids.Distinct(), ids);
        Assert.All(sources, source => Assert.DoesNotMatch(DirectLogging(), source));
    }

    private static IEnumerable<string> SourceFiles() =>
        Applications.SelectMany(root => Directory.EnumerateFiles(Repository.File(root), "*.cs", SearchOption.AllDirectories))
            .Where(IsSource);

    private static bool IsSource(string path) =>
        !Path.GetRelativePath(Repository.Root, path).Split(Path.DirectorySeparatorChar)
            .Any(part => part is "bin" or "obj" or "node_modules");

    private static HashSet<string> SchemasIn(string sql) =>
        [.. QualifiedName().Matches(sql).Select(match => match.Groups[1].Value).Where(name => Schemas.Contains(name))];

    [GeneratedRegex(@"\[LoggerMessage\((\d+),")]
    private static partial Regex EventId();

    [GeneratedRegex(@"\.Log(Trace|Debug|Information|Warning|Error|Critical)\(")]
    private static partial Regex DirectLogging();

    [GeneratedRegex("--.*")]
    private static partial Regex SqlComment();

    [GeneratedRegex("[^;]+;")]
    private static partial Regex Statement();

    [GeneratedRegex("""
        \"{3}[\s\S]*?\"{3}|"(?:[^"\\\n]|\\.)*"
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex StringLiteral();

    [GeneratedRegex(@"\b(SELECT|INSERT|UPDATE|DELETE|FROM)\b")]
    private static partial Regex SqlVerb();

    [GeneratedRegex(@"\b([a-z_]+)\.[a-z_]+")]
    private static partial Regex QualifiedName();
}
