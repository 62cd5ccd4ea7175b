using System.Diagnostics.Metrics;

namespace Shop.Tests.Telemetry;

/// <summary>Hears everything that the shop's meters in this process measure, as a collector would.</summary>
internal sealed class RecordedMeters : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<Heard> _meters = [];

    public RecordedMeters()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith("Shop.", StringComparison.Ordinal))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>The values measured, in their order.</summary>
    /// <param name="instrument">Its name.</param>
    /// <param name="tags">What must be among its attributes, as <c>key=value</c>.</param>
    public IReadOnlyList<double> Values(string instrument, params string[] tags) =>
        [.. _meters.Where(heard => heard.Instrument == instrument && tags.All(heard.Tags.Contains)).Select(heard => heard.Value)];

    /// <summary>What a counter has counted since this listens.</summary>
    /// <inheritdoc cref="Values"/>
    public double Sum(string instrument, params string[] tags) => Values(instrument, tags).Sum();

    /// <summary>What a gauge shows now; empty when it shows nothing.</summary>
    /// <inheritdoc cref="Values"/>
    public IReadOnlyList<double> Look(string instrument, params string[] tags)
    {
        var before = Values(instrument, tags).Count;
        _listener.RecordObservableInstruments();
        return [.. Values(instrument, tags).Skip(before)];
    }

    public void Dispose() => _listener.Dispose();

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var texts = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (key, tag) in tags)
            texts.Add($"{key}={tag}");
        _meters.Enqueue(new Heard(instrument.Name, value, texts));
    }

    private sealed record Heard(string Instrument, double Value, HashSet<string> Tags);
}
