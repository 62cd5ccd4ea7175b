using System.ComponentModel;
using System.Diagnostics;

namespace Embedded.Hosting.Processes;

/// <summary>A running program with a session and process group of its own, watched by the <see cref="Guardian"/>.</summary>
internal sealed class ChildProcess
{
    // What a process wrote last must not be lost, but a grandchild that keeps the pipe open must not hold its end back.
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(1);

    private readonly Process _process;
    private readonly ProcessStart _start;
    private readonly Guardian _guardian;
    private readonly TaskCompletionSource<int> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ChildProcess(Process process, ProcessStart start, Guardian guardian)
    {
        _process = process;
        _start = start;
        _guardian = guardian;
        Id = process.Id;
    }

    /// <summary>The process id, which is also the id of its process group.</summary>
    public int Id { get; }

    /// <summary>Completes with the exit code, 128 + signal when it was killed, after its last lines were delivered.</summary>
    public Task<int> Exited => _exited.Task;

    public bool HasExited => _exited.Task.IsCompleted;

    /// <param name="onLine">Gets every line with whether it came from standard error; called from several threads, must not throw.</param>
    /// <exception cref="EmbeddedHostingException">The program or its working directory isn't there or may not be used.</exception>
    public static ChildProcess Start(ProcessStart start, Guardian guardian, Action<string, bool> onLine)
    {
        if (!Directory.Exists(start.WorkingDirectory))
            throw new EmbeddedHostingException($"{start.FileName} can't be started: its working directory {start.WorkingDirectory} does not exist.");

        var info = Session.StartInfo(Resolve(start), start.Arguments);
        info.WorkingDirectory = start.WorkingDirectory;
        if (start.RunAsUser is { } user && user != Environment.UserName)
            info.UserName = user;
        if (!start.InheritEnvironment)
            info.Environment.Clear();
        foreach (var (name, value) in start.Environment)
            info.Environment[name] = value;
        info.Environment[guardian.Mark.Key] = guardian.Mark.Value;

        var process = new Process { StartInfo = info };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            process.Dispose();
            throw new EmbeddedHostingException($"{start.FileName} can't be started: {e.Message}. Check that it may be executed{(start.RunAsUser is null ? "" : $" by the user {start.RunAsUser}")}.", e);
        }

        guardian.Watch(process.Id);
        process.StandardInput.Close();
        var child = new ChildProcess(process, start, guardian);
        _ = child.FollowAsync(onLine);
        return child;
    }

    /// <summary>Asks the process to stop, and kills its whole tree when it hasn't after <paramref name="grace"/>.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        if (HasExited)
            return;
        Posix.Kill(Id, Posix.Number(_start.StopSignal));
        // A suspended process can't hear.
        Resume();
        if (await Task.WhenAny(Exited, Task.Delay(grace)) != Exited)
            Kill();
        await Exited;
    }

    /// <summary>SIGKILL to the process and all its descendants.</summary>
    public void Kill()
    {
        if (!HasExited)
            ProcessTree.Kill(Id);
    }

    public void Suspend()
    {
        if (HasExited)
            return;
        // The leader first, so that it starts no new one meanwhile.
        Posix.Kill(Id, Posix.SigStop);
        ProcessTree.Signal(Id, Posix.SigStop);
    }

    public void Resume()
    {
        if (!HasExited)
            ProcessTree.Signal(Id, Posix.SigCont);
    }

    private async Task FollowAsync(Action<string, bool> onLine)
    {
        var lines = Task.WhenAll(
            PumpAsync(_process.StandardOutput, line => onLine(line, false)),
            PumpAsync(_process.StandardError, line => onLine(line, true)));
        await _process.WaitForExitAsync();
        var code = _process.ExitCode;

        // What a process leaves behind would keep its ports and files from its successor.
        ProcessTree.Kill(Id);
        await Task.WhenAny(lines, Task.Delay(DrainTime));
        _guardian.Forget(Id);
        _exited.SetResult(code);
        await lines;
        _process.Dispose();
    }

    private static async Task PumpAsync(StreamReader reader, Action<string> onLine)
    {
        while (await reader.ReadLineAsync() is { } line)
            onLine(line);
    }

    private static string Resolve(ProcessStart start)
    {
        if (start.FileName.Contains('/'))
        {
            var path = Path.GetFullPath(start.FileName, start.WorkingDirectory);
            return SearchPath.IsExecutable(path) ? path
                : throw new EmbeddedHostingException($"{path} can't be started: {(File.Exists(path) ? "it is not executable" : "the file does not exist")}.");
        }

        var search = start.Environment.TryGetValue("PATH", out var own)
            ? new SearchPath(own.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            : SearchPath.Default;
        return search.Find(start.FileName)
            ?? throw new EmbeddedHostingException($"The program {start.FileName} was not found on PATH. Install it, or add its directory to PATH.");
    }
}
