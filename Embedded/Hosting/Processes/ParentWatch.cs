using System.Diagnostics;

namespace Embedded.Hosting.Processes;

/// <summary>
/// Ends this process in an orderly way when the <c>dotnet run</c> or <c>dotnet test</c> above it has died: it would
/// live on unseen and hold its ports. Any other parent may go (a shell with nohup, a service manager).
/// </summary>
internal static class ParentWatch
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // Longer than an orderly shutdown may take.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private static int _begun;

    public static void Begin()
    {
        if (OperatingSystem.IsWindows() || Interlocked.Exchange(ref _begun, 1) == 1)
            return;
        var parent = Posix.ParentId();
        if (NameOf(parent) == "dotnet")
            _ = WatchAsync(parent);
    }

    private static async Task WatchAsync(int parent)
    {
        using var timer = new PeriodicTimer(Interval);
        while (await timer.WaitForNextTickAsync())
            if (Posix.ParentId() != parent)
                break;

        Posix.Kill(Environment.ProcessId, Posix.SigTerm);
        await Task.Delay(Patience);
        Posix.Kill(Environment.ProcessId, Posix.SigKill);
    }

    private static string? NameOf(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return process.ProcessName;
        }
        catch (ArgumentException)
        {
            // It has ended already; nobody is there to be followed.
            return null;
        }
    }
}
