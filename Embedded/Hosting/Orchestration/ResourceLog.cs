using System.Text;

namespace Embedded.Hosting;

/// <summary>
/// What a process printed: a file that is fresh each run and bounded (one earlier part is kept beside it), and the last
/// lines in memory for the message of a failure.
/// </summary>
internal sealed class ResourceLog(string path, Action<string> announce) : IDisposable
{
    private const long MaximumBytes = 10 * 1024 * 1024;
    private const int TailLength = 25;

    /// <summary>Lines in memory for whoever looks on.</summary>
    private const int RecentLength = 2_000;

    /// <summary>The file has all of a line; memory needn't.</summary>
    private const int LongestRecentLine = 4_096;

    /// <summary>One order for the lines of all resources.</summary>
    private static long _sequence;

    private readonly Lock _gate = new();
    private readonly Queue<ResourceLogLine> _recent = new();
    private StreamWriter? _writer;
    private bool _closed;

    public string Path { get; } = path;

    public void Write(string line)
    {
        lock (_gate)
        {
            _recent.Enqueue(new ResourceLogLine(
                Interlocked.Increment(ref _sequence), DateTimeOffset.UtcNow, line.Length > LongestRecentLine ? line[..LongestRecentLine] + "…" : line));
            if (_recent.Count > RecentLength) _recent.Dequeue();
            if (_closed) return;

            try
            {
                _writer ??= new StreamWriter(Path, append: false, new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" };
                if (_writer.BaseStream.Length > MaximumBytes) Rotate();
                _writer.WriteLine(line);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // The application is worth more than its log.
                _closed = true;
                announce($"{Path} is written no further: {exception.Message}");
            }
        }
    }

    public IReadOnlyList<string> Tail()
    {
        lock (_gate)
            return [.. _recent.TakeLast(TailLength).Select(line => line.Text)];
    }

    /// <summary>What is in memory after a line, oldest first.</summary>
    /// <param name="sequence">The last line that is known; 0 for all.</param>
    public IReadOnlyList<ResourceLogLine> After(long sequence)
    {
        lock (_gate)
            return [.. _recent.Where(line => line.Sequence > sequence)];
    }

    /// <summary>The file, and the earlier part beside it, oldest first; either may be missing.</summary>
    public IReadOnlyList<string> Files => [EarlierPath, Path];

    private string EarlierPath => System.IO.Path.ChangeExtension(Path, ".1.log");

    /// <summary>A failure's sentence with what the process said last.</summary>
    public string Explain(string sentence)
    {
        var tail = Tail();
        return tail.Count == 0
            ? $"{sentence}\nIt printed nothing."
            : $"{sentence}\nThe last lines of its log ({Path}):\n{string.Join('\n', tail.Select(line => "    " + line))}";
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            _writer?.Dispose();
        }
    }

    private void Rotate()
    {
        _writer!.Dispose();
        File.Move(Path, EarlierPath, overwrite: true);
        _writer = new StreamWriter(Path, append: false, new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" };
    }
}
