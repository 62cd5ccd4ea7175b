namespace Embedded.Dashboard.Telemetry;

/// <summary>The latest log records, in bounded memory.</summary>
internal sealed class LogStore(TimeProvider time, TelemetryLimits limits)
{
    /// <summary>From here on a record is kept however many come.</summary>
    private const int Warning = 13;

    private readonly Lock _gate = new();
    private readonly Queue<StoredLog> _oldestFirst = new();
    private long _second = time.GetTimestamp();
    private int _keptThisSecond;
    private long _sequence;
    private long _received;
    private long _dropped;
    private long _bytes;

    /// <summary>Records that came, those dropped or gone again, and what the others take.</summary>
    public (long Received, long Dropped, long Bytes) Counts
    {
        get
        {
            lock (_gate)
                return (_received, _dropped, _bytes);
        }
    }

    /// <summary>Whether a record of this severity is kept; asked before the rest of it is read.</summary>
    public bool Keeps(int severity)
    {
        lock (_gate)
        {
            _received++;
            if (time.GetElapsedTime(_second) >= TimeSpan.FromSeconds(1))
                (_second, _keptThisSecond) = (time.GetTimestamp(), 0);
            if (++_keptThisSecond <= limits.LogsPerSecond || severity >= Warning) return true;

            _dropped++;
            return false;
        }
    }

    /// <param name="create">Makes the record with its sequence number.</param>
    public void Add(Func<long, StoredLog> create)
    {
        lock (_gate)
        {
            var log = create(++_sequence);
            _oldestFirst.Enqueue(log);
            _bytes += log.Bytes;
            while (_bytes > limits.LogBytes && _oldestFirst.TryDequeue(out var lost))
            {
                _bytes -= lost.Bytes;
                _dropped++;
            }
        }
    }

    public IReadOnlyList<StoredLog> NewestFirst()
    {
        lock (_gate)
            return [.. _oldestFirst.Reverse()];
    }
}
