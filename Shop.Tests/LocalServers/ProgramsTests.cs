using System.Runtime.Versioning;
using Shop.LocalServers;

namespace Shop.Tests.LocalServers;

/// <summary>Where a server's programs are found.</summary>
[Trait("Category", "Unit")]
[SupportedOSPlatform("linux")]
public sealed class ProgramsTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("shop-tests-programs-");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void Of_several_versions_the_highest_comes_first()
    {
        foreach (var version in new[] { "9.6", "15", "18", "17.2", "server-3.10.8", "server-4.2.0" })
        {
            var folder = _root.CreateSubdirectory(version).CreateSubdirectory("bin");
            if (version != "18")
                File.WriteAllText(Path.Combine(folder.FullName, "postgres"), "");
        }

        var below = _root.FullName.TrimStart('/');
        string[] Versions(params string[] patterns) =>
            [.. Programs.Places(patterns.Select(pattern => $"{below}/{pattern}")).Select(place => place.Split('/')[^3])];

        Assert.Equal(["17.2", "15", "9.6", "server-4.2.0", "server-3.10.8"], Versions("*/bin/postgres"));
        Assert.Equal(["server-4.2.0", "server-3.10.8", "15"], Versions("server-*/bin/postgres", "15/bin/postgres"));
        Assert.Empty(Versions("16/bin/postgres", "no/such*/bin/postgres"));
    }

    [Fact]
    public void A_program_on_PATH_is_found_and_another_is_not()
    {
        Assert.EndsWith("/sh", Programs.Find("sh"), StringComparison.Ordinal);
        Assert.Null(Programs.Find("no-such-program"));
    }

    [Fact]
    public async Task What_is_just_being_installed_is_not_taken_for_installed()
    {
        var (started, done) = (Path.Combine(_root.FullName, "started"), Path.Combine(_root.FullName, "done"));
        using var installing = Process.Start("flock", [Package.LockFile, "/bin/sh", "-c", $"touch {started}; sleep 1; touch {done}"]);
        await Eventually.SeesAsync(SmallApp.StartLimit, () => Task.FromResult(File.Exists(started)), there => there, "it has begun");

        var found = await new Package("a", "b", "c", []).EnsureAsync(
            "It", () => File.Exists(done) ? "all of it" : "half of it", _ => { }, TestContext.Current.CancellationToken);

        Assert.Equal("all of it", found);
    }
}
