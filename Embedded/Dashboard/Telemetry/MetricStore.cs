namespace Embedded.Dashboard.Telemetry;

/// <summary>The latest points of every instrument, in bounded memory.</summary>
internal sealed class MetricStore(TelemetryLimits limits)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<InstrumentKey, Instrument> _instruments = [];
    private int _series;
    private long _received;
    private long _dropped;
    private long _bytes;

    /// <summary>Points that came, those for which there was no room, and what the others take.</summary>
    public (long Received, long Dropped, long Bytes) Counts
    {
        get
        {
            lock (_gate)
                return (_received, _dropped, _bytes);
        }
    }

    /// <param name="described">The instrument; what was known of it before stays.</param>
    /// <param name="replica">Which replica measured.</param>
    /// <param name="attributes">The point's.</param>
    /// <param name="point">What it measured.</param>
    /// <param name="isDelta">Whether that is since its last point only.</param>
    public void Add(Instrument described, string replica, IReadOnlyList<KeyValuePair<string, string>> attributes, MetricPoint point, bool isDelta)
    {
        lock (_gate)
        {
            _received++;
            if (!_instruments.TryGetValue(described.Key, out var instrument))
                _instruments[described.Key] = instrument = described;

            var name = string.Join('\u001f', attributes.Select(attribute => $"{attribute.Key}={attribute.Value}").Prepend(replica));
            if (!instrument.Series.TryGetValue(name, out var series))
            {
                if (_series >= limits.Series)
                {
                    _dropped++;
                    return;
                }

                _series++;
                instrument.Series[name] = series = new Series(replica, attributes, limits.PointsPerSeries);
            }

            var before = series.Bytes;
            series.Add(point, isDelta);
            // Full: the series makes room for its own newest point, so that every chart stays alive and only reaches back less.
            while (_bytes + series.Bytes - before > limits.MetricBytes && series.Points.Skip(1).Any())
                series.DropOldest();
            _bytes += series.Bytes - before;
        }
    }

    public IReadOnlyList<Instrument> Instruments()
    {
        lock (_gate)
            return [.. _instruments.Values];
    }

    /// <summary>The points since a moment, by series; none when there is no such instrument.</summary>
    /// <param name="key">The instrument.</param>
    /// <param name="since">Nanoseconds since the Unix epoch.</param>
    public (Instrument? Instrument, IReadOnlyList<(Series Series, IReadOnlyList<MetricPoint> Points)> Series) Find(InstrumentKey key, ulong since)
    {
        lock (_gate)
        {
            return _instruments.TryGetValue(key, out var instrument)
                ? (instrument, [.. instrument.Series.Values.Select(series => (series, (IReadOnlyList<MetricPoint>)[.. series.Points.Where(point => point.Time >= since)]))])
                : (null, []);
        }
    }
}
