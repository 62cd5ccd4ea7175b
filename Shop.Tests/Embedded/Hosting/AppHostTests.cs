using System.Diagnostics;
using System.Globalization;
using Ports = Embedded.Hosting.Endpoints.FreePorts;

namespace Shop.Tests.Embedded.Hosting;

/// <summary>The AppHost as a user meets it: its exit codes and sentences, and that a refused start leaves nothing behind.</summary>
[Collection(nameof(EngineCollection))]
public sealed class AppHostTests : IDisposable
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_unknown_option_ends_with_2_and_the_options_there_are()
    {
        var (exitCode, _, error) = await RunAsync("--bogus");

        Assert.Equal(2, exitCode);
        Assert.Contains("'--bogus' is not an option", error, StringComparison.Ordinal);
        Assert.Contains("--scale", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publishing_ends_with_2_and_the_way_to_Aspires_packages()
    {
        var (exitCode, _, error) = await RunAsync("--publisher", "manifest", "--output-path", _folder.File("manifest.json"));

        Assert.Equal(2, exitCode);
        Assert.Contains("dotnet restore -p:AspireEngine=packages", error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File("manifest.json")));
    }

    [Fact]
    public async Task A_taken_port_stops_the_start_before_anything_is_started()
    {
        await using var other = new Answerer("other");

        var (exitCode, output, error) = await RunAsync("--port", string.Create(CultureInfo.InvariantCulture, $"webfrontend={other.Port}"));

        Assert.Equal(1, exitCode);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"Port {other.Port}, which webfrontend needs, is taken"), error, StringComparison.Ordinal);
        Assert.Contains("-- --port webfrontend=", error, StringComparison.Ordinal);
        Assert.StartsWith("Embedded engine", output, StringComparison.Ordinal);
        Assert.DoesNotContain("starting", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("volumes")));
    }

    [Fact]
    public async Task A_second_AppHost_on_the_same_data_is_refused()
    {
        await using var held = new FileStream(_folder.File("lock"), FileMode.Create, FileAccess.ReadWrite, FileShare.None);

        var (exitCode, _, error) = await RunAsync(FreePorts());

        Assert.Equal(1, exitCode);
        Assert.Contains("Another AppHost is running with the data in", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_that_can_t_be_made_is_named()
    {
        await File.WriteAllTextAsync(_folder.File("file"), "", Cancellation);

        var (exitCode, _, error) = await RunInAsync(_folder.File("file/data"), [.. FreePorts(), "--mail", _folder.File("mail")]);

        Assert.Equal(1, exitCode);
        Assert.Contains(_folder.File("file/data"), error, StringComparison.Ordinal);
        Assert.Contains("SHOP_DATA", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_test_gets_the_AppHosts_own_model()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Shop_AppHost>(
            ["--scale", "apiservice=3", "--mail", _folder.File("mail")], Cancellation);

        Assert.Subset(
            builder.Resources.Select(resource => resource.Name).ToHashSet(),
            new HashSet<string> { "postgres", "shopdb", "cache", "messaging", "migrations", "apiservice", "worker", "webfrontend" });
        Assert.True(builder.Resources.TryGetByName("apiservice", out var api));
        Assert.Equal(3, api.Annotations.OfType<ReplicaAnnotation>().Single().Replicas);
        Assert.True(File.Exists(api.Annotations.OfType<IProjectMetadata>().Single().AssemblyPath));
        Assert.Equal("Development", builder.Environment.EnvironmentName);
    }

    [Fact]
    public async Task An_AppHost_that_refuses_its_arguments_fails_the_test_with_its_exit_code()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(
            () => DistributedApplicationTestingBuilder.CreateAsync<Projects.Shop_AppHost>(["--bogus"], Cancellation));

        Assert.Contains("exit code 2", failure.Message, StringComparison.Ordinal);
    }

    private Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] args) => RunInAsync(_folder.Path, args);

    private static async Task<(int ExitCode, string Output, string Error)> RunInAsync(string data, string[] args)
    {
        var start = new ProcessStartInfo(DotNetHost.Path, [typeof(Projects.Shop_AppHost).Assembly.Location, .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["SHOP_DATA"] = data;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(Cancellation);
        var error = process.StandardError.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        return (process.ExitCode, await output, await error);
    }

    private static string[] FreePorts() =>
    [
        "--port",
        string.Create(CultureInfo.InvariantCulture, $"webfrontend={Ports.Take()}"),
        string.Create(CultureInfo.InvariantCulture, $"apiservice={Ports.Take()}"),
    ];
}
