using System.Runtime.Versioning;
using Shop.Tests.LocalServers;

namespace Shop.Tests.AppHost;

/// <summary>What the AppHost can't start with: a sentence, exit code 1, and nothing left running.</summary>
[Trait("Category", "Distributed")]
[SupportedOSPlatform("linux")]
public sealed class RefusedStartTests : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("shop-tests-refused-");

    public void Dispose() => _data.Delete(recursive: true);

    [Fact]
    public async Task Mistakes_in_the_options_are_all_told_at_once()
    {
        var (exitCode, _, errors) = await AppHostProcess.RunAsync(
            _data.FullName, [.. AppHostProcess.FreePorts(), "--Replicas:apiservice=none", "--Catalog=/no/such.csv", "--reset"]);

        Assert.Equal(1, exitCode);
        Assert.Contains("--Replicas:apiservice needs a whole number from 1 to 16, not 'none'.", errors, StringComparison.Ordinal);
        Assert.Contains("There is no catalogue file '/no/such.csv'", errors, StringComparison.Ordinal);
        Assert.Contains("--reset is not an option", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_way_to_run_the_servers_than_those_there_are_is_refused()
    {
        var (exitCode, _, errors) = await AppHostProcess.RunAsync(_data.FullName, AppHostProcess.FreePorts(), ("SHOP_SERVERS", "cloud"));

        Assert.Equal(1, exitCode);
        Assert.Equal("SHOP_SERVERS is 'cloud': use 'local' (this machine's own servers) or 'containers'.", errors.Trim());
    }

    [Fact]
    public async Task A_missing_server_that_may_not_be_installed_names_the_command_to_type_and_who_waits()
    {
        // All programs of this machine but Redis.
        var programs = _data.CreateSubdirectory("programs");
        foreach (var program in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Where(Directory.Exists)
            .SelectMany(Directory.EnumerateFiles))
        {
            var link = Path.Combine(programs.FullName, Path.GetFileName(program));
            if (!File.Exists(link) && !program.Contains("redis", StringComparison.Ordinal)
                && !program.Contains("valkey", StringComparison.Ordinal))
                File.CreateSymbolicLink(link, program);
        }

        var (exitCode, output, errors) = await AppHostProcess.RunAsync(
            _data.FullName, AppHostProcess.FreePorts(), ("PATH", programs.FullName), ("SHOP_NO_INSTALL", "1"));

        Assert.Equal(1, exitCode);
        var said = output + errors;
        Assert.Matches(
            "Redis is not installed, and SHOP_NO_INSTALL forbids installing it. Type: (sudo )?(apt-get|dnf|brew) install [a-z-]+", said);
        Assert.Contains(
            "cache can't be started. For it wait apiservice, webfrontend. Without it the shop can't come up.", said,
            StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asked_to_end_while_it_is_still_coming_up_it_ends_in_peace()
    {
        await using var shop = AppHostProcess.Start(_data.FullName, AppHostProcess.FreePorts());
        await shop.SaysAsync("Distributed application starting");

        shop.AskToEnd();

        Assert.Equal(0, await shop.EndAsync(SmallApp.Patience));
        await shop.IsGoneAsync(SmallApp.Patience);
        Assert.DoesNotContain("   at ", shop.Output + shop.Errors, StringComparison.Ordinal);
    }
}
