namespace Embedded.Dashboard.Telemetry;

/// <summary>
/// How much is kept when more comes than people can look at and the machine should bear: whole traces by their ids, so that
/// all services' spans of a trace share its fate; errors and slow spans within a budget of their own.
/// </summary>
internal sealed class SpanSampling(TimeProvider time, int keptPerSecond)
{
    /// <summary>Slower than this is always worth a look.</summary>
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(1);

    /// <summary>Within a second that begins quieter than it goes on, no more than so many times as much is kept.</summary>
    private const int Burst = 2;

    private long _second = time.GetTimestamp();
    private long _arrived;
    private long _kept;
    private long _keptForOutcome;

    /// <summary>The share of traces that is kept at present, 0 to 1.</summary>
    public double Ratio { get; private set; } = 1;

    /// <summary>To be called under the store's lock, once a span.</summary>
    public bool Keeps(UInt128 traceId, TimeSpan duration, bool isError)
    {
        Advance();
        _arrived++;
        // The lower half of a trace id is random: https://www.w3.org/TR/trace-context/#trace-id
        if ((ulong)traceId <= Ratio * ulong.MaxValue && _kept < Burst * keptPerSecond)
        {
            _kept++;
            return true;
        }

        if ((isError || duration >= Slow) && _keptForOutcome < keptPerSecond)
        {
            _keptForOutcome++;
            return true;
        }

        return false;
    }

    private void Advance()
    {
        var elapsed = time.GetElapsedTime(_second);
        if (elapsed < TimeSpan.FromSeconds(1)) return;

        var perSecond = _arrived / elapsed.TotalSeconds;
        Ratio = perSecond <= keptPerSecond ? 1 : keptPerSecond / perSecond;
        (_second, _arrived, _kept, _keptForOutcome) = (time.GetTimestamp(), 0, 0, 0);
    }
}
