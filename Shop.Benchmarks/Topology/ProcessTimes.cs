using System.Globalization;
using System.Text;

namespace Shop.Benchmarks.Topology;

/// <summary>Processor time and memory of this process and all it has started, by what they are (proc(5); Linux only).</summary>
public sealed class ProcessTimes
{
    /// <summary>This process: the AppHost with its proxies, and this harness; the load generator is taken off where it is known.</summary>
    public const string Own = "AppHost and harness";

    /// <summary>USER_HZ, fixed at 100 for what the kernel tells programs.</summary>
    private const double TicksPerSecond = 100;

    private static readonly Dictionary<int, string> Names = [];

    private ProcessTimes(IReadOnlyDictionary<string, TimeSpan> processorTime, IReadOnlyDictionary<string, long> residentBytes)
    {
        ProcessorTime = processorTime;
        ResidentBytes = residentBytes;
    }

    /// <summary>Since each process's start, with that of its children which have ended.</summary>
    public IReadOnlyDictionary<string, TimeSpan> ProcessorTime { get; }

    public IReadOnlyDictionary<string, long> ResidentBytes { get; }

    /// <summary>Empty where there is no /proc.</summary>
    public static ProcessTimes Now()
    {
        var processes = Directory.Exists("/proc/self") ? Snapshot() : [];
        var children = processes.Values.ToLookup(process => process.Parent, process => process.Id);
        var times = new Dictionary<string, TimeSpan>();
        var memory = new Dictionary<string, long>();
        var open = new Stack<int>([Environment.ProcessId]);
        while (open.TryPop(out var id))
        {
            if (!processes.TryGetValue(id, out var process))
                continue;
            var name = NameOf(process);
            times[name] = times.GetValueOrDefault(name) + TimeSpan.FromSeconds(process.Ticks / TicksPerSecond);
            memory[name] = memory.GetValueOrDefault(name) + process.ResidentPages * Environment.SystemPageSize;
            foreach (var child in children[id])
                open.Push(child);
        }

        return new ProcessTimes(times, memory);
    }

    /// <summary>Processor time since an earlier moment; a process that has come since counts in full.</summary>
    public IReadOnlyDictionary<string, TimeSpan> Since(ProcessTimes earlier)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        return ProcessorTime.ToDictionary(time => time.Key, time => time.Value - earlier.ProcessorTime.GetValueOrDefault(time.Key));
    }

    private static Dictionary<int, Entry> Snapshot()
    {
        var processes = new Dictionary<int, Entry>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
                continue;
            try
            {
                // "pid (name) state ppid …"; the name may hold spaces and parentheses. Counted from state as 0: ppid 1,
                // utime 11, stime 12, cutime 13, cstime 14, rss 21.
                var stat = File.ReadAllText($"{directory}/stat");
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                processes[id] = new Entry(
                    id,
                    int.Parse(fields[1], CultureInfo.InvariantCulture),
                    fields[11..15].Sum(field => long.Parse(field, CultureInfo.InvariantCulture)),
                    long.Parse(fields[21], CultureInfo.InvariantCulture),
                    stat[(stat.IndexOf('(', StringComparison.Ordinal) + 1)..stat.LastIndexOf(')')]);
            }
            catch (IOException)
            {
                // The process ended between the listing and the reading.
            }
        }

        return processes;
    }

    private static string NameOf(Entry process)
    {
        if (process.Id == Environment.ProcessId)
            return Own;
        if (Names.TryGetValue(process.Id, out var known))
            return known;
        var name = process.Program switch
        {
            "postgres" => "postgres",
            "redis-server" => "redis",
            "beam.smp" => "rabbitmq",
            _ => InstanceOf(process.Id) ?? "other",
        };
        // "setsid" and "setpriv" become what they start: only a name that is final may be kept.
        if (name != "other")
            Names[process.Id] = name;
        return name;
    }

    /// <summary>The engine tells each replica its name, for its telemetry.</summary>
    private static string? InstanceOf(int id)
    {
        const string Variable = "OTEL_RESOURCE_ATTRIBUTES=service.instance.id=";
        try
        {
            var environment = Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{id}/environ")).Split('\0');
            return environment.FirstOrDefault(variable => variable.StartsWith(Variable, StringComparison.Ordinal))?[Variable.Length..];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private sealed record Entry(int Id, int Parent, long Ticks, long ResidentPages, string Program);
}
