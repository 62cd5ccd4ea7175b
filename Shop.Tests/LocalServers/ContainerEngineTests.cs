using System.Runtime.Versioning;
using Microsoft.Extensions.Logging;
using Shop.LocalServers;

namespace Shop.Tests.LocalServers;

/// <summary>Whether the servers run in containers, with engines of the test's own making.</summary>
[Trait("Category", "Unit")]
[UnsupportedOSPlatform("windows")]
public sealed class ContainerEngineTests : IDisposable
{
    private readonly DirectoryInfo _engines = Directory.CreateTempSubdirectory("shop-tests-engines-");
    private readonly RecordedLog _log = new(LogLevel.Warning);

    public void Dispose() => _engines.Delete(recursive: true);

    [Fact]
    public async Task An_engine_that_answers_is_taken()
    {
        Make("docker", "echo Cannot connect. >&2; exit 1");
        Make("podman", "[ \"$1\" = info ] && echo 'host: here'");

        Assert.Equal("podman", await ChooseAsync(null));
        Assert.Equal("podman", await ChooseAsync("containers"));
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task Who_chooses_the_machines_own_servers_has_no_engine_asked()
    {
        Make("docker", "exit 0");

        Assert.Null(await ChooseAsync("local"));
    }

    [Fact]
    public async Task Without_any_engine_the_servers_are_this_machines_own_without_a_word()
    {
        Assert.Null(await ChooseAsync(null));
        Assert.Empty(_log.Lines);
    }

    [Theory]
    [InlineData("echo 'Cannot connect to the Docker daemon.' >&2; exit 1")]
    [InlineData("echo 'Client: here'; echo 'ERROR: Cannot connect to the Docker daemon.' >&2; exit 0")]
    public async Task A_command_line_without_its_engine_is_named_once_and_passed_over(string script)
    {
        Make("docker", script);

        Assert.Null(await ChooseAsync(null));
        var warning = Assert.Single(_log.Lines);
        Assert.Matches(
            "^docker is there but doesn't answer: .*Cannot connect to the Docker daemon. PostgreSQL, Redis and RabbitMQ run as", warning);
    }

    [Fact]
    public async Task An_engine_that_hangs_is_given_up_and_ended()
    {
        Make("docker", "echo $$ >\"$0.pid\"; sleep 600");

        Assert.Null(await ChooseAsync(null, patience: TimeSpan.FromSeconds(0.5)));
        Assert.Contains("`docker info` took longer than 0.5 s.", Assert.Single(_log.Lines), StringComparison.Ordinal);
        var id = (await File.ReadAllTextAsync(Path.Combine(_engines.FullName, "docker.pid"), TestContext.Current.CancellationToken)).Trim();
        await Eventually.SeesAsync(
            TimeSpan.FromSeconds(10), () => Task.FromResult(Directory.Exists($"/proc/{id}")), there => !there,
            "the hanging command line is gone");
    }

    [Fact]
    public async Task Who_demands_containers_is_told_what_is_missing()
    {
        var none = await Assert.ThrowsAsync<DistributedApplicationException>(() => ChooseAsync("containers"));
        Make("docker", "echo Cannot connect. >&2; exit 1");
        var dead = await Assert.ThrowsAsync<DistributedApplicationException>(() => ChooseAsync("containers"));

        Assert.StartsWith(
            "SHOP_SERVERS=containers needs a container engine. Neither docker nor podman is installed.", none.Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "docker is there but doesn't answer: Cannot connect. Start one, or leave SHOP_SERVERS away", dead.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_choice_is_answered_with_those_there_are()
    {
        var refusal = await Assert.ThrowsAsync<DistributedApplicationException>(() => ChooseAsync("kubernetes"));

        Assert.Equal("SHOP_SERVERS is 'kubernetes': use 'local' (this machine's own servers) or 'containers'.", refusal.Message);
    }

    private Task<string?> ChooseAsync(string? choice, TimeSpan? patience = null) =>
        ContainerEngine.IsWantedAsync(choice, _log, TestContext.Current.CancellationToken, Find, patience ?? TimeSpan.FromSeconds(30));

    private string? Find(string name) => Path.Combine(_engines.FullName, name) is var file && File.Exists(file) ? file : null;

    private void Make(string name, string script)
    {
        var file = Path.Combine(_engines.FullName, name);
        File.WriteAllText(file, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
