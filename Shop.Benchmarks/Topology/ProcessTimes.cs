namespace Shop.Benchmarks.Topology;

/// <summary>Processor time and memory of this process and of all that its orchestrator runs, by what they are (Linux, proc(5)).</summary>
public sealed class ProcessTimes
{
    /// <summary>This process: the AppHost and this harness; the load generator is taken off where it is known.</summary>
    public const string Own = "AppHost and harness";

    private const string Orchestrator = "DCP";

    /// <summary>USER_HZ, fixed at 100 for what the kernel tells programs.</summary>
    private const double TicksPerSecond = 100;

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
        var children = processes.ToLookup(process => process.Parent);
        var times = new Dictionary<string, TimeSpan>();
        var memory = new Dictionary<string, long>();
        var open = new Stack<(Entry Process, string Name)>(
        [
            .. processes.Where(process => process.Id == Environment.ProcessId).Select(process => (process, Own)),
            .. processes.Where(IsOwnOrchestrator).Select(process => (process, Orchestrator)),
        ]);
        while (open.TryPop(out var next))
        {
            var (process, name) = next;
            times[name] = times.GetValueOrDefault(name) + TimeSpan.FromSeconds(process.Ticks / TicksPerSecond);
            memory[name] = memory.GetValueOrDefault(name) + process.ResidentPages * Environment.SystemPageSize;
            // What a service or a server starts belongs to it.
            foreach (var child in children[process.Id])
                open.Push((child, name == Orchestrator ? NameOf(child) : name));
        }

        return new ProcessTimes(times, memory);
    }

    /// <summary>Processor time since an earlier moment; a process that has come since counts in full.</summary>
    public IReadOnlyDictionary<string, TimeSpan> Since(ProcessTimes earlier)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        return ProcessorTime.ToDictionary(time => time.Key, time => time.Value - earlier.ProcessorTime.GetValueOrDefault(time.Key));
    }

    private static List<Entry> Snapshot()
    {
        var processes = new List<Entry>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
                continue;
            // "pid (name) state ppid …"; the name may hold spaces and parentheses. Counted from state as 0: ppid 1,
            // utime 11, stime 12, cutime 13, cstime 14, rss 21.
            var stat = Read(id, "stat");
            if (stat.Length == 0)
                continue;
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            processes.Add(new Entry(
                id,
                int.Parse(fields[1], CultureInfo.InvariantCulture),
                fields[11..15].Sum(field => long.Parse(field, CultureInfo.InvariantCulture)),
                long.Parse(fields[21], CultureInfo.InvariantCulture),
                stat[(stat.IndexOf('(', StringComparison.Ordinal) + 1)..stat.LastIndexOf(')')]));
        }

        return processes;
    }

    /// <summary>It is no child of the AppHost's, but ends with it: its command line says with which.</summary>
    private static bool IsOwnOrchestrator(Entry process) =>
        process.Program == "dcp" && Read(process.Id, "cmdline").Split('\0') is var words
        && words.Contains("start-apiserver")
        && words.ElementAtOrDefault(Array.IndexOf(words, "--monitor") + 1) == $"{Environment.ProcessId}";

    /// <summary>Aspire tells each service its name, for its telemetry; others go by their program's, its first 15 letters.</summary>
    private static string NameOf(Entry process)
    {
        const string Variable = "OTEL_SERVICE_NAME=";
        return process.Program switch
        {
            "dcp" => Orchestrator,
            "redis-server" => "redis",
            "Aspire.Dashboar" => "dashboard",
            var program => Read(process.Id, "environ").Split('\0')
                .FirstOrDefault(variable => variable.StartsWith(Variable, StringComparison.Ordinal))?[Variable.Length..] ?? program,
        };
    }

    /// <returns>What the kernel tells of a process; nothing when it has ended.</returns>
    private static string Read(int id, string file)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{id}/{file}"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private sealed record Entry(int Id, int Parent, long Ticks, long ResidentPages, string Program);
}
