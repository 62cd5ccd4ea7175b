using System.Runtime.InteropServices;

namespace Shop.Benchmarks.Topology;

/// <summary>The processes of a running application, by the names of its resources and the process ids that Aspire tells.</summary>
public static partial class AppProcesses
{
    private const string ProcessId = "executable.pid";
    private const int SigStop = 19;
    private const int SigCont = 18;

    /// <summary>The running instances of a resource, in the order of their names: each replica of a service, the server itself.</summary>
    public static async Task<IReadOnlyList<ResourceEvent>> InstancesAsync(
        this DistributedApplication app, string resource, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(app);
        cancellationToken.ThrowIfCancellationRequested();
        var instances = new SortedDictionary<string, ResourceEvent>(StringComparer.Ordinal);
        try
        {
            // What is known is told first, cancelled or not, and what comes later isn't wanted.
            await foreach (var change in app.ResourceNotifications.WatchAsync(new CancellationToken(canceled: true)))
            {
                if (change.Resource.Name == resource)
                    instances[change.ResourceId] = change;
            }
        }
        catch (OperationCanceledException)
        {
            // All that is known was told.
        }

        // Of a process that was just killed Aspire may not know yet.
        return [.. instances.Values.Where(instance => ProcessIdOf(instance) is { } id && Directory.Exists($"/proc/{id}"))];
    }

    /// <summary>The process id of an instance; null when it has none.</summary>
    public static int? ProcessIdOf(ResourceEvent instance)
    {
        ArgumentNullException.ThrowIfNull(instance);
        var value = instance.Snapshot.Properties.FirstOrDefault(property => property.Name == ProcessId)?.Value;
        return value is null || instance.Snapshot.State?.Text != KnownResourceStates.Running
            ? null : Convert.ToInt32(value, CultureInfo.InvariantCulture);
    }

    /// <summary>SIGKILL to an instance and all that it has started, as a crash would be.</summary>
    public static void Kill(ResourceEvent instance)
    {
        var id = ProcessIdOf(instance) ?? throw new ShopFailedException($"{instance?.ResourceId} has no process.");
        using var process = Process.GetProcessById(id);
        process.Kill(entireProcessTree: true);
    }

    /// <summary>SIGSTOP to an instance and all that it has started.</summary>
    public static void Suspend(ResourceEvent instance) => SignalTree(instance, SigStop);

    /// <summary>SIGCONT, after <see cref="Suspend"/>.</summary>
    public static void Resume(ResourceEvent instance) => SignalTree(instance, SigCont);

    private static void SignalTree(ResourceEvent instance, int signal)
    {
        var open = new Stack<int>([ProcessIdOf(instance) ?? throw new ShopFailedException($"{instance?.ResourceId} has no process.")]);
        while (open.TryPop(out var id))
        {
            _ = Signal(id, signal);
            try
            {
                foreach (var task in Directory.GetDirectories($"/proc/{id}/task"))
                {
                    foreach (var child in File.ReadAllText($"{task}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
                        open.Push(int.Parse(child, CultureInfo.InvariantCulture));
                }
            }
            catch (IOException)
            {
                // It ended before the signal came.
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int processId, int signal);
}
