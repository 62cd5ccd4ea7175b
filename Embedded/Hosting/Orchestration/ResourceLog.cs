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

    private readonly Lock _gate = new();
    private readonly Queue<string> _tail = new();
    private StreamWriter? _writer;
    private bool _closed;

    public string Path { get; } = path;

    public void Write(string line)
    {
        lock (_gate)
        {
            _tail.Enqueue(line);
            if (_tail.Count > TailLength) _tail.Dequeue();
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
            return [.. _tail];
    }

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
        File.Move(Path, System.IO.Path.ChangeExtension(Path, ".1.log"), overwrite: true);
        _writer = new StreamWriter(Path, append: false, new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" };
    }
}
