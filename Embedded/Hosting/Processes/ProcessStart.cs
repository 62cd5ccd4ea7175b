using System.Runtime.InteropServices;

namespace Embedded.Hosting.Processes;

/// <summary>What to start. <paramref name="FileName"/> is a path or a name found on the child's PATH.</summary>
internal sealed record ProcessStart(
    string FileName,
    IReadOnlyList<string> Arguments,
    string WorkingDirectory,
    IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>The user to run as; only root may name another than itself.</summary>
    public string? RunAsUser { get; init; }

    /// <summary>Whether the variables of this process are passed on, beneath those of <see cref="Environment"/>.</summary>
    public bool InheritEnvironment { get; init; } = true;

    /// <summary>What <see cref="ChildProcess.StopAsync"/> sends first.</summary>
    public PosixSignal StopSignal { get; init; } = PosixSignal.SIGTERM;
}
