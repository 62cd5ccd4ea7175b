using Embedded.Hosting.Processes;
using Embedded.Hosting.Servers;

namespace Shop.Tests.Embedded.Servers;

[Collection(NativeServersCollection.Name)]
public sealed class SystemPackagesTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static SearchPath EmptyMachine => new([], "/nowhere");

    public static TheoryData<string, string> Servers => new()
    {
        { "PostgreSQL", "install postgresql" },
        { "Redis", "install redis" },
        { "RabbitMQ", "install rabbitmq" },
    };

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_missing_server_that_may_not_be_installed_names_the_command_to_type(string product, string command)
    {
        await using var bench = new ServerBench();
        var settings = bench.Settings("server", mayInstall: false);
        NativeServer server = product switch
        {
            "PostgreSQL" => new PostgresServer(settings) { SearchPath = EmptyMachine },
            "Redis" => new RedisServer(settings) { SearchPath = EmptyMachine },
            _ => new RabbitMqServer(settings, managementPlugin: false, managementPort: null) { SearchPath = EmptyMachine },
        };

        var e = await Assert.ThrowsAsync<EmbeddedHostingException>(() => server.PrepareAsync(bench.Announced.Enqueue, Ct));

        Assert.StartsWith($"{product} is not installed, and SHOP_NO_INSTALL forbids installing it. Type: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(command, e.Message, StringComparison.Ordinal);
        Assert.Empty(bench.Announced);
        Assert.False(Directory.Exists(settings.DataDirectory));
    }

    [Fact]
    public async Task A_package_nobody_has_is_a_sentence_after_the_attempt_was_announced()
    {
        var announced = new List<string>();
        var package = new SystemPackage("shop-no-such-package", "shop-no-such-package", "shop-no-such-package");

        var e = await Assert.ThrowsAsync<EmbeddedHostingException>(() =>
            SystemPackages.EnsureAsync("Nothing", ["shop-no-such-program"], package, mayInstall: true, SearchPath.Default, announced.Add, Ct));

        // Where a password would be needed, it isn't even tried.
        Assert.True(announced.Count == 1 ? e.Message.StartsWith("Installing Nothing failed:", StringComparison.Ordinal) : e.Message.Contains("needs a password", StringComparison.Ordinal), e.Message);
        Assert.EndsWith("install shop-no-such-package", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_little_space_is_said_before_anything_is_written()
    {
        await using var bench = new ServerBench();
        var settings = bench.Settings();

        var e = await Assert.ThrowsAsync<EmbeddedHostingException>(() =>
            new RedisServer(settings) { RequiredSpace = long.MaxValue }.PrepareAsync(bench.Announced.Enqueue, Ct));

        Assert.Contains("MB are free where server keeps its data", e.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(settings.DataDirectory));
    }
}
