using Pipelines.Sockets.Unofficial;
using StackExchange.Redis;

namespace Shop.Tests.Embedded.FillIns;

public sealed class FillInCompletenessTests
{
    private static readonly string Redis = typeof(ConnectionMultiplexer).Assembly.Location;
    private static readonly string Pipelines = typeof(SocketConnection).Assembly.Location;
    private static readonly string Hashing = typeof(System.IO.Hashing.XxHash64).Assembly.Location;

    [Fact]
    public void Everything_the_Redis_client_refers_to_in_the_sockets_package_is_there()
    {
        var wanted = MemberReferences.Of(Redis, "Pipelines.Sockets.Unofficial");

        Assert.True(wanted.Count > 60, $"Only {wanted.Count} references were found: the listing is broken.");
        Assert.Empty(wanted.Except(MemberReferences.OfferedBy(Pipelines)));
    }

    [Fact]
    public void Everything_the_Redis_client_refers_to_in_the_hashing_package_is_there()
    {
        var wanted = MemberReferences.Of(Redis, "System.IO.Hashing");

        Assert.Contains(wanted, line => line.Contains("::HashToUInt64`0(", StringComparison.Ordinal));
        Assert.Empty(wanted.Except(MemberReferences.OfferedBy(Hashing)));
    }

    [Fact]
    public void Everything_the_gateway_refers_to_in_the_hashing_package_is_there()
    {
        var wanted = MemberReferences.Of(ReverseProxyAssembly(), "System.IO.Hashing");

        Assert.Contains(wanted, line => line.Contains("::Hash`0(", StringComparison.Ordinal));
        Assert.Empty(wanted.Except(MemberReferences.OfferedBy(Hashing)));
    }

    [Fact]
    public void A_member_with_another_signature_counts_as_missing()
    {
        var offered = MemberReferences.OfferedBy(Pipelines);
        var length = Assert.Single(offered, line => line.EndsWith("Arenas.Sequence::get_Length`0()", StringComparison.Ordinal));

        Assert.StartsWith("Int64 ", length, StringComparison.Ordinal);
        Assert.DoesNotContain(length.Replace("Int64 ", "Int32 ", StringComparison.Ordinal), offered);
        Assert.NotEmpty(MemberReferences.Of(Redis, "Pipelines.Sockets.Unofficial").Except(MemberReferences.OfferedBy(Hashing)));
    }

    [Fact]
    public void The_assemblies_bear_the_versions_their_users_ask_for()
    {
        Assert.Equal(new Version(1, 0, 0, 0), typeof(SocketConnection).Assembly.GetName().Version);
        Assert.Equal(new Version(10, 0, 0, 2), typeof(System.IO.Hashing.XxHash64).Assembly.GetName().Version);
    }

    /// <summary>The tests don't use YARP, so it isn't beside them; the restore of the gateway has put it into NuGet's folder.</summary>
    private static string ReverseProxyAssembly()
    {
        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } configured
            ? configured
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var folder = Path.Combine(packages, "yarp.reverseproxy");

        Assert.True(Directory.Exists(folder), $"YARP is not in '{folder}': restore Shop.Web first.");
        return Directory.EnumerateFiles(folder, "Yarp.ReverseProxy.dll", SearchOption.AllDirectories)
            .Where(file => file.Contains($"{Path.DirectorySeparatorChar}lib{Path.DirectorySeparatorChar}net", StringComparison.Ordinal))
            .OrderByDescending(file => file, StringComparer.Ordinal)
            .First();
    }
}
