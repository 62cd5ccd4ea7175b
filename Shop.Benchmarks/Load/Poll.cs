using System.Runtime.InteropServices;

namespace Shop.Benchmarks.Load;

/// <summary>poll(2) of POSIX: which of many sockets have something to read, or room to write.</summary>
internal static partial class Poll
{
    public const short Readable = 0x001;
    public const short Writable = 0x004;

    /// <returns>How many are ready; 0 after the time-out or a signal.</returns>
    public static unsafe int Wait(Span<Entry> entries, int milliseconds)
    {
        fixed (Entry* first = entries)
            return Math.Max(0, Native(first, (nuint)entries.Length, milliseconds));
    }

    [LibraryImport("libc", EntryPoint = "poll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial int Native(Entry* entries, nuint count, int milliseconds);

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Entry
    {
        public int Descriptor;
        public short Wanted;
        public short Seen;
    }
}
