using System.Runtime.InteropServices;

namespace Embedded.Hosting.Processes;

/// <summary>The few calls of POSIX that .NET doesn't offer.</summary>
internal static partial class Posix
{
    public const int SigKill = 9;
    public const int SigTerm = 15;

    // These two are the numbers in which Linux and the BSD family differ.
    public static int SigStop { get; } = OperatingSystem.IsLinux() ? 19 : 17;
    public static int SigCont { get; } = OperatingSystem.IsLinux() ? 18 : 19;

    /// <summary>Sends a signal; a negative <paramref name="pid"/> names a process group. False when there is no such process.</summary>
    public static bool Kill(int pid, int signal) => KillCore(pid, signal) == 0;

    /// <summary>Whether a process with this id exists, whoever owns it.</summary>
    public static bool IsAlive(int pid) => KillCore(pid, 0) == 0 || Marshal.GetLastPInvokeError() == OperationNotPermitted;

    public static int Number(PosixSignal signal) => signal switch
    {
        PosixSignal.SIGHUP => 1,
        PosixSignal.SIGINT => 2,
        PosixSignal.SIGQUIT => 3,
        PosixSignal.SIGTERM => SigTerm,
        _ when signal > 0 => (int)signal,
        _ => throw new ArgumentOutOfRangeException(nameof(signal), signal, "Not a signal that stops a process."),
    };

    public static int ParentId() => ParentIdCore();

    private const int OperationNotPermitted = 1;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int KillCore(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int ParentIdCore();
}
