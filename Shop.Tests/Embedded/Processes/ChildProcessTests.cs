using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Embedded.Hosting.Processes;

namespace Shop.Tests.Embedded.Processes;

[Collection(nameof(ChildProcessTests))]
public sealed class ChildProcessTests : IAsyncDisposable
{
    private readonly Guardian _guardian = Guardian.Start();
    private readonly ConcurrentQueue<string> _lines = [];

    public async ValueTask DisposeAsync() => await _guardian.DisposeAsync();

    [Fact]
    public async Task Its_lines_arrive_before_its_exit_code()
    {
        var child = Start("echo out; echo err >&2; printf last; exit 7");

        Assert.Equal(7, await child.Exited);
        Assert.Equal(["e:err", "o:last", "o:out"], _lines.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task It_has_a_session_of_its_own_so_that_a_terminals_interrupt_passes_it_by()
    {
        var child = Start("cat /proc/$$/stat; exec sleep 1000");
        await Eventually.HoldsAsync(() => !_lines.IsEmpty);
        var fields = _lines.Single().Split(' ');

        var id = child.Id.ToString(CultureInfo.InvariantCulture);
        Assert.Equal(id, fields[0][2..]);
        Assert.Equal(id, fields[4]);
        Assert.Equal(id, fields[5]);
    }

    [Fact]
    public async Task Stopping_asks_first()
    {
        var child = Start("trap 'echo asked; exit 3' TERM; echo ready; while :; do sleep 0.05; done");
        await Eventually.HoldsAsync(() => _lines.Contains("o:ready"));

        await child.StopAsync(TimeSpan.FromSeconds(10));

        Assert.Equal(3, await child.Exited);
        Assert.Contains("o:asked", _lines);
    }

    [Fact]
    public async Task Stopping_kills_what_does_not_listen_and_all_it_started()
    {
        var child = Start("trap '' TERM; (trap '' TERM; setsid sleep 1000 & echo pid $!; wait) & echo pid $!; wait");
        await Eventually.HoldsAsync(() => _lines.Count == 2);
        var others = Ids();

        await child.StopAsync(TimeSpan.FromMilliseconds(200));

        Assert.Equal(128 + 9, await child.Exited);
        await Eventually.HoldsAsync(() => others.All(IsGone));
    }

    [Fact]
    public async Task What_it_leaves_in_its_group_goes_with_it()
    {
        var child = Start("sleep 1000 & echo pid $!; exit 0");

        Assert.Equal(0, await child.Exited);
        var left = Assert.Single(Ids());
        await Eventually.HoldsAsync(() => IsGone(left));
    }

    [Fact]
    public async Task A_suspended_one_stands_still_and_can_still_be_stopped()
    {
        var child = Start("while :; do echo tick; sleep 0.02; done");
        await Eventually.HoldsAsync(() => !_lines.IsEmpty);

        child.Suspend();
        await Eventually.HoldsAsync(() => StateOf(child.Id) == 'T');
        child.Resume();
        await Eventually.HoldsAsync(() => StateOf(child.Id) is 'S' or 'R');

        child.Suspend();
        await child.StopAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(128 + 15, await child.Exited);
    }

    [Fact]
    public void A_missing_program_or_directory_is_a_sentence()
    {
        var e = Assert.Throws<EmbeddedHostingException>(() => Start(new ProcessStart("no-such-program", [], "/", new Dictionary<string, string>())));
        Assert.Contains("The program no-such-program was not found on PATH.", e.Message, StringComparison.Ordinal);

        e = Assert.Throws<EmbeddedHostingException>(() => Start(new ProcessStart("/bin/sh", [], "/no/such/place", new Dictionary<string, string>())));
        Assert.Contains("/no/such/place does not exist", e.Message, StringComparison.Ordinal);

        e = Assert.Throws<EmbeddedHostingException>(() => Start(new ProcessStart("/etc/passwd", [], "/", new Dictionary<string, string>())));
        Assert.Contains("it is not executable", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_environment_is_what_was_asked_for()
    {
        var child = Start(new ProcessStart("/usr/bin/env", [], "/", new Dictionary<string, string> { ["services__api-service__http__0"] = "http://here" }) { InheritEnvironment = false });

        Assert.Equal(0, await child.Exited);
        Assert.Equal([$"o:{_guardian.Mark.Key}={_guardian.Mark.Value}", "o:services__api-service__http__0=http://here"], _lines.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_guardian_that_was_killed_is_replaced_and_knows_all()
    {
        var early = Start("exec sleep 1000");
        using (var shell = Process.GetProcessById(_guardian.Id))
        {
            shell.Kill();
            await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var late = Start("exec sleep 1000");
        await _guardian.DisposeAsync();

        Assert.Equal(128 + 9, await early.Exited);
        Assert.Equal(128 + 9, await late.Exited);
    }

    private static bool IsGone(int id) => StateOf(id) is null or 'Z';

    private static char? StateOf(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return stat[stat.LastIndexOf(')') + 2];
        }
        catch (IOException)
        {
            return null;
        }
    }

    private int[] Ids() => [.. _lines.Select(l => int.Parse(l.Split(' ')[1], CultureInfo.InvariantCulture))];

    private ChildProcess Start(string script) =>
        Start(new ProcessStart("/bin/sh", ["-c", script], "/", new Dictionary<string, string>()));

    private ChildProcess Start(ProcessStart start) =>
        ChildProcess.Start(start, _guardian, (line, isError) => _lines.Enqueue($"{(isError ? 'e' : 'o')}:{line}"));
}
