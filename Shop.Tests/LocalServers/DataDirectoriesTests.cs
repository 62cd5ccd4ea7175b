using System.Runtime.Versioning;
using Shop.LocalServers;

namespace Shop.Tests.LocalServers;

/// <summary>The directories of the servers' data: kept, or fresh and removed, and never two AppHosts' at once.</summary>
[Trait("Category", "Unit")]
[UnsupportedOSPlatform("windows")]
public sealed class DataDirectoriesTests : IDisposable
{
    private const UnixFileMode OwnersAlone = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("shop-tests-data-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_volume_is_a_directory_that_stays_and_without_one_the_data_goes()
    {
        string kept, fresh;
        using (var data = new DataDirectories(allFresh: false, _folder.FullName))
        {
            kept = data.Of("postgres", "shop-postgres");
            fresh = data.Of("cache", volume: null);
            Assert.Equal(kept, data.Of("postgres", "shop-postgres"));
            Assert.Equal(fresh, data.Of("cache", volume: null));
            Assert.All([kept, fresh, Path.GetDirectoryName(fresh)!],
                directory => Assert.Equal(OwnersAlone, File.GetUnixFileMode(directory)));
        }

        Assert.Equal(Path.Combine(_folder.FullName, "volumes", "shop-postgres"), kept);
        Assert.True(Directory.Exists(kept));
        Assert.False(Directory.Exists(Path.GetDirectoryName(fresh)));
    }

    [Fact]
    public void In_a_test_even_a_volume_is_fresh()
    {
        using var data = new DataDirectories(allFresh: true, _folder.FullName);

        Assert.StartsWith(Path.GetTempPath(), data.Of("postgres", "shop-postgres"), StringComparison.Ordinal);
        Assert.Empty(_folder.EnumerateFileSystemInfos());
    }

    [Fact]
    public void Two_AppHosts_can_t_use_the_same_data_but_one_can_after_the_other()
    {
        using (var first = new DataDirectories(allFresh: false, _folder.FullName))
        {
            first.Of("postgres", "shop-postgres");
            using var second = new DataDirectories(allFresh: false, _folder.FullName);
            // All of its servers are refused, and it takes nothing away from the first at its end.
            foreach (var server in new[] { "postgres", "cache" })
            {
                var refusal = Assert.Throws<DistributedApplicationException>(() => second.Of(server, $"shop-{server}"));
                Assert.Equal(
                    $"Another AppHost is using the data in {_folder.FullName}. Stop it first, or give this one a folder of its own with "
                        + "SHOP_DATA.",
                    refusal.Message);
            }

            second.Dispose();
            using var third = new DataDirectories(allFresh: false, _folder.FullName);
            Assert.Throws<DistributedApplicationException>(() => third.Of("postgres", "shop-postgres"));
        }

        using var later = new DataDirectories(allFresh: false, _folder.FullName);
        later.Of("postgres", "shop-postgres");
    }

    [Fact]
    public void A_folder_that_can_t_be_made_is_named_with_the_way_to_choose_another()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "file"), "");
        using var data = new DataDirectories(allFresh: false, Path.Combine(_folder.FullName, "file", "data"));

        var refusal = Assert.Throws<DistributedApplicationException>(() => data.Of("postgres", "shop-postgres"));

        Assert.StartsWith("The data directory of postgres can't be used:", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(_folder.FullName, "file", "data"), refusal.Message, StringComparison.Ordinal);
        Assert.EndsWith("or choose another folder with SHOP_DATA.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_killed_AppHost_left_is_removed_and_what_a_living_one_uses_is_not()
    {
        int dead;
        using (var ended = Process.Start("sh", ["-c", "exit 0"]))
        {
            ended.WaitForExit();
            dead = ended.Id;
        }

        var left = Leave(dead);
        var used = Leave(Environment.ProcessId);
        try
        {
            using var data = new DataDirectories(allFresh: true, _folder.FullName);
            data.Of("postgres", volume: null);

            Assert.False(left.Exists);
            Assert.True(used.Exists);
        }
        finally
        {
            used.Delete(recursive: true);
        }

        static DirectoryInfo Leave(int processId)
        {
            var directory = Directory.CreateTempSubdirectory(string.Create(CultureInfo.InvariantCulture, $"shop-servers-{processId}-"));
            directory.CreateSubdirectory("postgres");
            return directory;
        }
    }
}
