namespace Embedded.Dashboard.Telemetry;

/// <summary>The latest points of one replica, instrument and set of attributes.</summary>
internal sealed class Series(string replica, IReadOnlyList<KeyValuePair<string, string>> attributes, int capacity)
{
    private readonly Queue<MetricPoint> _points = new();
    private MetricPoint? _latest;

    public string Replica { get; } = replica;

    public IReadOnlyList<KeyValuePair<string, string>> Attributes { get; } = attributes;

    public long Bytes { get; private set; }

    public IEnumerable<MetricPoint> Points => _points;

    /// <param name="point">Cumulative, or for <paramref name="isDelta"/> what came since the last one.</param>
    /// <param name="isDelta">Some senders count from export to export.</param>
    public void Add(MetricPoint point, bool isDelta)
    {
        if (isDelta && _latest is { } before)
        {
            point = point with
            {
                Value = before.Value + point.Value,
                Histogram = point.Histogram is { } histogram && before.Histogram is { } earlier ? histogram.Plus(earlier) ?? histogram : point.Histogram,
            };
        }

        _latest = point;
        _points.Enqueue(point);
        Bytes += point.Bytes;
        if (_points.Count > capacity) DropOldest();
    }

    public void DropOldest()
    {
        if (_points.TryDequeue(out var oldest)) Bytes -= oldest.Bytes;
    }
}
