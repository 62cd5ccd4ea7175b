using System.Diagnostics;
using System.Globalization;
using Embedded.Hosting.Processes;

namespace Embedded.Hosting;

/// <summary>Processor time and memory of process groups, looked at no more than once a second however often it is asked.</summary>
internal sealed class ProcessUsage
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(900);
    private static readonly int PageSize = Environment.SystemPageSize;

    private readonly Lock _gate = new();
    private Dictionary<int, (TimeSpan Processor, long Bytes)> _times = [];
    private Dictionary<int, (double CpuPercent, long Bytes)> _latest = [];
    private long _lookedAt;

    /// <param name="groups">Process groups.</param>
    /// <returns>Percent of one processor since the last look, and resident bytes, of the groups that still live.</returns>
    public IReadOnlyDictionary<int, (double CpuPercent, long Bytes)> Of(IReadOnlyCollection<int> groups)
    {
        lock (_gate)
        {
            var elapsed = Stopwatch.GetElapsedTime(_lookedAt);
            if (_lookedAt != 0 && elapsed < LookAgain) return _latest;

            var times = ProcessTree.Members(groups).Where(group => group.Value.Count > 0).ToDictionary(group => group.Key, group => Look(group.Value));
            _latest = times.ToDictionary(
                group => group.Key,
                group => (
                    _times.TryGetValue(group.Key, out var before) && _lookedAt != 0 ? Math.Max(0, (group.Value.Processor - before.Processor) / elapsed * 100) : 0,
                    group.Value.Bytes));
            (_times, _lookedAt) = (times, Stopwatch.GetTimestamp());
            return _latest;
        }
    }

    private static (TimeSpan Processor, long Bytes) Look(IReadOnlyList<int> members)
    {
        var (processor, own, shared) = (TimeSpan.Zero, 0L, 0L);
        foreach (var id in members)
        {
            try
            {
                using var process = Process.GetProcessById(id);
                processor += process.TotalProcessorTime;
                var (resident, sharedWithOthers) = MemoryOf(process);
                own += resident - sharedWithOthers;
                shared = Math.Max(shared, sharedWithOthers);
            }
            catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or IOException or System.ComponentModel.Win32Exception)
            {
                // It ended between the listing and the look.
            }
        }

        return (processor, own + shared);
    }

    // PostgreSQL's processes share their buffers, which would be counted once for each of them.
    private static (long Resident, long Shared) MemoryOf(Process process)
    {
        var statm = $"/proc/{process.Id}/statm";
        if (!File.Exists(statm)) return (process.WorkingSet64, 0);

        var pages = File.ReadAllText(statm).Split(' ');
        return (long.Parse(pages[1], CultureInfo.InvariantCulture) * PageSize, long.Parse(pages[2], CultureInfo.InvariantCulture) * PageSize);
    }
}
