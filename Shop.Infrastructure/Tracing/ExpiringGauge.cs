using System.Diagnostics.Metrics;

namespace Shop.Infrastructure.Tracing;

/// <summary>
/// A gauge of something that has to be looked up elsewhere. It shows what was seen last and nothing once that is older than
/// <see cref="GoodFor"/>: no number is better than one that may long be wrong.
/// </summary>
/// <typeparam name="T">A number.</typeparam>
public sealed class ExpiringGauge<T>
    where T : struct
{
    /// <summary>Several times as long as the time between two looks, so that one which fails leaves no gap.</summary>
    public static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(30);

    private readonly TimeProvider _time;
    private volatile Seen? _seen;

    /// <param name="meter">Whose gauge it is.</param>
    /// <param name="name">The gauge's.</param>
    /// <param name="unit">The gauge's.</param>
    /// <param name="description">The gauge's.</param>
    /// <param name="time">Tells how old the reading is; the system's unless given.</param>
    public ExpiringGauge(Meter meter, string name, string unit, string description, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(meter);
        _time = time ?? TimeProvider.System;
        meter.CreateObservableGauge(name, Show, unit, description);
    }

    /// <summary>What was seen just now.</summary>
    public void Set(params Measurement<T>[] values) => _seen = new Seen(values, _time.GetTimestamp());

    /// <inheritdoc cref="Set(Measurement{T}[])"/>
    public void Set(T value) => Set(new Measurement<T>(value));

    private Measurement<T>[] Show() => _seen is { } seen && _time.GetElapsedTime(seen.At) < GoodFor ? seen.Values : [];

    private sealed record Seen(Measurement<T>[] Values, long At);
}
