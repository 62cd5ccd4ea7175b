namespace Embedded.Dashboard.Telemetry;

/// <summary>The latest traces, in bounded memory: when it is full the oldest trace goes.</summary>
internal sealed class SpanStore(TimeProvider time, TelemetryLimits limits)
{
    private readonly Lock _gate = new();
    private readonly SpanSampling _sampling = new(time, limits.SpansPerSecond);
    private readonly Dictionary<UInt128, LinkedListNode<StoredTrace>> _byId = [];
    private readonly LinkedList<StoredTrace> _oldestFirst = new();
    private long _received;
    private long _kept;
    private long _evicted;
    private long _bytes;

    public SpanCounts Counts
    {
        get
        {
            lock (_gate)
                return new SpanCounts(_received, _kept, _received - _kept, _evicted, _sampling.Ratio, _bytes);
        }
    }

    /// <summary>Whether a span with these properties is kept; asked before the rest of it is read.</summary>
    public bool Keeps(UInt128 traceId, TimeSpan duration, bool isError)
    {
        lock (_gate)
        {
            _received++;
            var keeps = _sampling.Keeps(traceId, duration, isError);
            if (keeps) _kept++;
            return keeps;
        }
    }

    public void Add(StoredSpan span)
    {
        lock (_gate)
        {
            if (!_byId.TryGetValue(span.TraceId, out var node))
                _byId[span.TraceId] = node = _oldestFirst.AddLast(new StoredTrace(span.TraceId));

            if (node.Value.Spans.Count >= limits.SpansPerTrace)
            {
                _evicted++;
                return;
            }

            node.Value.Spans.Add(span);
            _bytes += span.Bytes;
            while (_bytes > limits.SpanBytes && _oldestFirst.First is { } oldest && oldest != _oldestFirst.Last)
            {
                _oldestFirst.RemoveFirst();
                _byId.Remove(oldest.Value.TraceId);
                _evicted += oldest.Value.Spans.Count;
                _bytes -= oldest.Value.Spans.Sum(lost => (long)lost.Bytes);
            }
        }
    }

    /// <summary>The spans of a trace; none if it isn't (any more) here.</summary>
    public IReadOnlyList<StoredSpan> Find(UInt128 traceId)
    {
        lock (_gate)
            return _byId.TryGetValue(traceId, out var node) ? [.. node.Value.Spans] : [];
    }

    /// <summary>The spans of each trace, the trace that began to arrive last first. Only the list is taken at once.</summary>
    public IEnumerable<IReadOnlyList<StoredSpan>> NewestFirst()
    {
        UInt128[] ids;
        lock (_gate)
            ids = [.. _oldestFirst.Select(trace => trace.TraceId)];

        return ids.Reverse().Select(Find).Where(spans => spans.Count > 0);
    }

    private sealed record StoredTrace(UInt128 TraceId)
    {
        public List<StoredSpan> Spans { get; } = [];
    }
}
