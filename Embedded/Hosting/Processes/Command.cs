using System.ComponentModel;
using System.Diagnostics;

namespace Embedded.Hosting.Processes;

/// <summary>What a short-lived program answered.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Error)
{
    /// <summary>The last lines the program wrote, on one line, for a sentence to the user.</summary>
    public string LastWords => string.Join(" / ", $"{Output}\n{Error}".Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeLast(4));
}

/// <summary>Runs programs that end by themselves.</summary>
internal static class Command
{
    /// <summary>Runs to the end; cancellation kills the program and what it started.</summary>
    /// <exception cref="EmbeddedHostingException">The program can't be started.</exception>
    public static async Task<CommandResult> RunAsync(
        string fileName,
        IEnumerable<string> arguments,
        CancellationToken ct,
        IReadOnlyDictionary<string, string>? environment = null,
        string? runAsUser = null)
    {
        var start = Session.StartInfo(fileName, arguments);
        start.WorkingDirectory = "/";
        if (runAsUser is not null)
            start.UserName = runAsUser;
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;

        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            throw new EmbeddedHostingException($"{fileName} can't be started: {e.Message}. Check that it is installed and may be executed.", e);
        }

        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(ct);
        }
        catch (OperationCanceledException)
        {
            ProcessTree.Kill(process.Id);
            throw;
        }

        return new CommandResult(process.ExitCode, await output, await error);
    }
}
