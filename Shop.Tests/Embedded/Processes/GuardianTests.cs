using System.Diagnostics;
using System.Globalization;
using Embedded.Hosting.Processes;

namespace Shop.Tests.Embedded.Processes;

/// <summary>
/// What is left when a process that hosts a guardian is killed. The hosts are this test assembly, run as a program
/// with one of the explicit tests below, which no ordinary test run selects.
/// </summary>
[Collection(nameof(ChildProcessTests))]
public sealed class GuardianTests : IDisposable
{
    private const string ReportVariable = "SHOP_TESTS_GUARDIAN_REPORT";

    // Only where a test asks for it: the hosts are killed and would leave theirs.
    private readonly Lazy<DirectoryInfo> _directory = new(() => Directory.CreateTempSubdirectory("shop-guardian-"));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Report => Path.Combine(_directory.Value.FullName, "report");

    public void Dispose()
    {
        if (_directory.IsValueCreated)
            _directory.Value.Delete(recursive: true);
    }

    [Fact]
    public async Task Nothing_is_left_of_a_host_killed_with_9()
    {
        using var host = RunThisAssembly(nameof(Host_children), Report);
        var ids = await ReportedAsync();
        Assert.All(ids, id => Assert.True(Posix.IsAlive(id)));

        host.Kill();

        await Eventually.HoldsAsync(() => !ids.Any(IsRunning), seconds: 5);
    }

    [Fact]
    public async Task Nothing_is_left_when_only_the_dotnet_command_above_the_host_is_killed()
    {
        using var command = RunThisAssembly(nameof(Run_a_host), Report);
        var ids = await ReportedAsync();

        command.Kill();

        await Eventually.HoldsAsync(() => !ids.Any(IsRunning), seconds: 30);
    }

    [Fact]
    public async Task Its_pipe_is_closed_to_the_children()
    {
        await using var guardian = Guardian.Start();
        var lines = new List<string>();
        var child = ChildProcess.Start(
            new ProcessStart("/bin/sh", ["-c", "ls -l /proc/self/fd"], "/", new Dictionary<string, string>()), guardian, (line, _) => lines.Add(line));
        await child.Exited;
        var pipe = new FileInfo($"/proc/{guardian.Id}/fd/0").LinkTarget!;

        Assert.StartsWith("pipe:", pipe, StringComparison.Ordinal);
        Assert.NotEmpty(lines);
        Assert.DoesNotContain(lines, l => l.Contains(pipe, StringComparison.Ordinal));
    }

    [Fact(Explicit = true)]
    public async Task Host_children()
    {
        await using var guardian = Guardian.Start();
        var ids = new List<string> { Environment.ProcessId.ToString(CultureInfo.InvariantCulture), guardian.Id.ToString(CultureInfo.InvariantCulture) };
        var complete = new TaskCompletionSource();
        // A child, its child in the same group, one with a session of its own, and an orphaned daemon.
        var child = ChildProcess.Start(
            new ProcessStart("/bin/sh", ["-c", "echo $$; sleep 1000 & echo $!; setsid sleep 1000 & echo $!; (setsid sh -c 'echo $$; exec sleep 1000' &); wait"], "/", new Dictionary<string, string>()),
            guardian,
            (line, _) =>
            {
                ids.Add(line);
                if (ids.Count == 6)
                    complete.SetResult();
            });
        await complete.Task;
        var report = Environment.GetEnvironmentVariable(ReportVariable)!;
        await File.WriteAllLinesAsync(report + ".new", ids, Ct);
        File.Move(report + ".new", report);
        await child.Exited;
    }

    [Fact(Explicit = true)]
    public async Task Run_a_host()
    {
        using var host = RunThisAssembly(nameof(Host_children), Environment.GetEnvironmentVariable(ReportVariable)!);
        await host.WaitForExitAsync(Ct);
    }

    private async Task<int[]> ReportedAsync()
    {
        await Eventually.HoldsAsync(() => File.Exists(Report), seconds: 60);
        return [.. File.ReadLines(Report).Select(l => int.Parse(l, CultureInfo.InvariantCulture))];
    }

    private static Process RunThisAssembly(string test, string report)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(GuardianTests).Assembly.Location, "-explicit", "only", "-method", $"{typeof(GuardianTests).FullName}.{test}"])
        {
            RedirectStandardOutput = true,
            Environment = { [ReportVariable] = report },
        };
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }

    private static bool IsRunning(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return stat[stat.LastIndexOf(')') + 2] != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }
}
