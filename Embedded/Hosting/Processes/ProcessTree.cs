using System.Diagnostics;
using System.Globalization;

namespace Embedded.Hosting.Processes;

/// <summary>
/// All processes of a child: its process group and the descendants of its members. The group alone is not enough,
/// PostgreSQL for one gives every backend a session of its own.
/// </summary>
internal static class ProcessTree
{
    /// <summary>The members' ids, the group's leader first if it lives.</summary>
    public static IReadOnlyList<int> Members(int group) => Members(group, Snapshot());

    /// <summary>The members of several groups, from one look at the system's processes.</summary>
    public static IReadOnlyDictionary<int, IReadOnlyList<int>> Members(IEnumerable<int> groups)
    {
        var all = Snapshot();
        return groups.Distinct().ToDictionary(group => group, group => Members(group, all));
    }

    private static IReadOnlyList<int> Members(int group, List<(int Id, int Parent, int Group)> all)
    {
        var members = all.Where(p => p.Group == group).Select(p => p.Id).ToHashSet();
        var children = all.ToLookup(p => p.Parent, p => p.Id);
        var open = new Stack<int>(members);
        while (open.TryPop(out var id))
            foreach (var child in children[id])
                if (members.Add(child))
                    open.Push(child);

        return [.. members.OrderByDescending(id => id == group)];
    }

    /// <summary>Kills the whole tree at once. The members are halted first so that none forks while they are counted.</summary>
    public static void Kill(int group)
    {
        Posix.Kill(-group, Posix.SigStop);
        foreach (var id in Members(group))
            Posix.Kill(id, Posix.SigKill);
        Posix.Kill(-group, Posix.SigKill);
    }

    public static void Signal(int group, int signal)
    {
        foreach (var id in Members(group))
            Posix.Kill(id, signal);
    }

    private static List<(int Id, int Parent, int Group)> Snapshot() =>
        Directory.Exists("/proc/self") ? SnapshotOfProc() : SnapshotOfPs();

    private static List<(int Id, int Parent, int Group)> SnapshotOfProc()
    {
        var processes = new List<(int, int, int)>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
                continue;
            try
            {
                // "pid (name) state ppid pgrp …", and the name may hold spaces and parentheses.
                var stat = File.ReadAllText($"{directory}/stat");
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                processes.Add((id, int.Parse(fields[1], CultureInfo.InvariantCulture), int.Parse(fields[2], CultureInfo.InvariantCulture)));
            }
            catch (IOException)
            {
                // The process ended between the listing and the reading.
            }
        }

        return processes;
    }

    private static List<(int Id, int Parent, int Group)> SnapshotOfPs()
    {
        using var ps = Process.Start(new ProcessStartInfo("ps", ["-A", "-o", "pid=", "-o", "ppid=", "-o", "pgid="]) { RedirectStandardOutput = true })!;
        var processes = new List<(int, int, int)>();
        while (ps.StandardOutput.ReadLine() is { } line)
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 3)
                processes.Add((int.Parse(fields[0], CultureInfo.InvariantCulture), int.Parse(fields[1], CultureInfo.InvariantCulture), int.Parse(fields[2], CultureInfo.InvariantCulture)));
        }

        return processes;
    }
}
