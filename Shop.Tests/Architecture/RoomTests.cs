using System.Text.RegularExpressions;

namespace Shop.Tests.Architecture;

/// <summary>The rooms of the house: which folder may know which, who owns which tables, and what things are called.</summary>
[Trait("Category", "Architecture")]
public sealed partial class RoomTests
{
    private static readonly string[] Projects =
    [
        "Shop.ApiService", "Shop.AppHost", "Shop.Benchmarks", "Shop.Contracts", "Shop.Domain", "Shop.Infrastructure", "Shop.LocalServers",
        "Shop.ServiceDefaults", "Shop.Web", "Shop.Worker",
    ];

    private static readonly Dictionary<string, string> OwnerOf = new()
    {
        ["catalog"] = "Catalog",
        ["inventory"] = "Inventory",
        ["ordering"] = "Ordering",
        ["payments"] = "Payments",
        ["promotions"] = "Promotions",
        ["messaging"] = "Messaging",
        ["simulated_provider"] = "Payments",
    };

    /// <summary>Words that were this house's own; the field has others for the same.</summary>
    private static readonly string[] PrivateWords =
    [
        "Cashier", "Desk", "News", "Owed", "Tend", "Bury", "Mended", "Digest", "Upkeep", "Neighbours", "Noteworthy", "Shown",
    ];

    public static TheoryData<string> AllProjects => [.. Projects];

    [Theory]
    [MemberData(nameof(AllProjects))]
    public void No_two_folders_need_each_other(string project)
    {
        var files = Sources(project).ToArray();
        var folders = files.Select(FolderOf).ToHashSet();
        var needs = files.GroupBy(FolderOf).ToDictionary(
            folder => folder.Key,
            folder => folder.SelectMany(file => Named(project, File.ReadAllText(file))).Where(folders.Contains).Except([folder.Key])
                .ToHashSet());

        foreach (var folder in folders)
            Assert.DoesNotContain(folder, ReachedFrom(folder, needs));

        // What stands in the root puts the others together; they may not know it, or everything would need everything.
        string FolderOf(string file) =>
            Path.GetRelativePath(Repository.File(project), file).Split(Path.DirectorySeparatorChar) is [var first, _, ..]
            ? first
            : "";
    }

    [Fact]
    public void A_modules_tables_are_written_by_the_module_alone()
    {
        var writes = Sources("Shop.Infrastructure").Concat(Sources("Shop.Worker")).Concat(Sources("Shop.ApiService"))
            .SelectMany(file => Write().Matches(File.ReadAllText(file)).Select(match => (File: file, Schema: match.Groups[1].Value)))
            .Where(write => OwnerOf.ContainsKey(write.Schema)).ToArray();

        Assert.True(writes.Length > 20, $"Only {writes.Length} writes were found: is the SQL elsewhere now?");
        Assert.All(writes, write => Assert.Contains(
            $"{Path.DirectorySeparatorChar}{OwnerOf[write.Schema]}{Path.DirectorySeparatorChar}", write.File, StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_stands_in_the_root_of_Infrastructure() =>
        Assert.Empty(Directory.EnumerateFiles(Repository.File("Shop.Infrastructure"), "*.cs"));

    [Fact]
    public void Types_have_the_fields_own_names()
    {
        var names = Projects.SelectMany(Sources).SelectMany(file => TypeName().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups[1].Value)
            .ToArray();

        Assert.True(names.Length > 300);
        Assert.DoesNotContain(names, name => CapitalWord().Matches(name).Any(word => PrivateWords.Contains(word.Value)));
    }

    private static HashSet<string> ReachedFrom(string folder, Dictionary<string, HashSet<string>> needs)
    {
        var (reached, next) = (new HashSet<string>(), new Stack<string>(needs[folder]));
        while (next.TryPop(out var found))
        {
            if (reached.Add(found))
                needs[found].ToList().ForEach(next.Push);
        }

        return reached;
    }

    /// <summary>The folders of a project that a source names: in its usings, or in front of a type.</summary>
    private static IEnumerable<string> Named(string project, string source)
    {
        var name = Regex.Escape(project["Shop.".Length..]);
        return Regex.Matches(Comment().Replace(source, ""), $@"(?<!namespace\s)\b(?:Shop\.)?{name}\.([A-Z]\w*)")
            .Select(match => match.Groups[1].Value);
    }

    private static IEnumerable<string> Sources(string project) =>
        Directory.EnumerateFiles(Repository.File(project), "*.cs", SearchOption.AllDirectories).Where(file =>
            !Path.GetRelativePath(Repository.Root, file).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"));

    [GeneratedRegex("//.*")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\b(?:INSERT INTO|UPDATE|DELETE FROM)\s+([a-z_]+)\.[a-z_]+")]
    private static partial Regex Write();

    [GeneratedRegex(
        @"^\s*(?:public|internal|private|protected)[\w\s]*\b(?:class|record|struct|interface|enum)\s+([A-Z]\w*)", RegexOptions.Multiline)]
    private static partial Regex TypeName();

    [GeneratedRegex("[A-Z][a-z]*")]
    private static partial Regex CapitalWord();
}
