using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

namespace Shop.Tests.Architecture;

/// <summary>Who may use whom, held in the project files and in what the compiler made of them.</summary>
[Trait("Category", "Architecture")]
public sealed class DependencyTests
{
    /// <summary>The shop's projects, and all that each may use, directly or through others.</summary>
    private static readonly Dictionary<string, string[]> MayUse = new()
    {
        ["Shop.Contracts"] = [],
        ["Shop.Domain"] = [],
        ["Shop.LocalServers"] = [],
        ["Shop.ServiceDefaults"] = [],
        ["Shop.Infrastructure"] = ["Shop.Domain", "Shop.Contracts", "Shop.ServiceDefaults"],
        ["Shop.ApiService"] = ["Shop.Infrastructure", "Shop.Domain", "Shop.Contracts", "Shop.ServiceDefaults"],
        ["Shop.Worker"] = ["Shop.Infrastructure", "Shop.Domain", "Shop.Contracts", "Shop.ServiceDefaults"],
        ["Shop.Web"] = ["Shop.Contracts", "Shop.ServiceDefaults"],
        ["Shop.Benchmarks"] = ["Shop.AppHost", "Shop.Infrastructure", "Shop.Domain", "Shop.Contracts", "Shop.ServiceDefaults"],
    };

    public static TheoryData<string> ProjectsOfTheShop => [.. MayUse.Keys];

    [Theory]
    [MemberData(nameof(ProjectsOfTheShop))]
    public void A_project_names_only_those_it_may_use(string project) => Assert.Subset(MayUse[project].ToHashSet(), NamedBy(project));

    [Theory]
    [MemberData(nameof(ProjectsOfTheShop))]
    public void A_project_is_compiled_against_only_those_it_may_use(string project) =>
        Assert.Subset(
            MayUse[project].ToHashSet(),
            CompiledAgainst(project).Where(name => name.StartsWith("Shop.", StringComparison.Ordinal)).ToHashSet());

    [Fact]
    public void Every_project_of_the_shop_is_held_to_a_rule()
    {
        var projects = Directory.EnumerateFiles(
            Repository.Root, "Shop.*.csproj", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 })
            .Select(file => Path.GetFileNameWithoutExtension(file)!).Except(["Shop.AppHost", "Shop.Tests"]);

        Assert.Equal(MayUse.Keys.Order(), projects.Order());
    }

    [Theory]
    [InlineData("Shop.Domain")]
    [InlineData("Shop.Contracts")]
    public void The_rules_and_the_contracts_are_pure_CSharp(string project)
    {
        Assert.All(CompiledAgainst(project), name => Assert.StartsWith("System.", name, StringComparison.Ordinal));
        Assert.Empty(XDocument.Load(ProjectFile(project)).Descendants("PackageReference"));
    }

    [Fact]
    public void The_storefront_reaches_the_shop_only_through_the_API() =>
        Assert.DoesNotContain(CompiledAgainst("Shop.Web"), name =>
            name.StartsWith("Npgsql", StringComparison.Ordinal) || name.StartsWith("RabbitMQ", StringComparison.Ordinal)
            || name.StartsWith("Microsoft.EntityFrameworkCore", StringComparison.Ordinal));

    [Fact]
    public void The_AppHost_uses_none_of_the_services_code() =>
        Assert.DoesNotContain(CompiledAgainst("Shop.AppHost"), name =>
            name.StartsWith("Shop.", StringComparison.Ordinal) && name != "Shop.LocalServers");

    private static HashSet<string> NamedBy(string project) =>
    [
        .. XDocument.Load(ProjectFile(project)).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/'))),
    ];

    private static string ProjectFile(string project) => Repository.File(project, $"{project}.csproj");

    private static List<string> CompiledAgainst(string project)
    {
        // Every layout of the build's output differs between projects in nothing but the project's name.
        var assembly = typeof(DependencyTests).Assembly.Location.Replace("Shop.Tests", project, StringComparison.Ordinal);
        using var file = new PEReader(File.OpenRead(assembly));
        var metadata = file.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))];
    }
}
