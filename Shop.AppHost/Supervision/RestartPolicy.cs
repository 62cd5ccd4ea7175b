namespace Shop.AppHost.Supervision;

/// <summary>When a process that crashed is started again, and when it isn't worth it. One for each process.</summary>
internal sealed class RestartPolicy(TimeProvider time)
{
    /// <summary>What crashes so often before it was ever healthy will do so again.</summary>
    public const int MostFailuresAtStart = 4;

    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    /// <summary>What ran as long has got over its trouble: the next pause is short again.</summary>
    private static readonly TimeSpan RanWell = TimeSpan.FromSeconds(10);

    private DateTimeOffset _started = time.GetUtcNow();
    private int _failures;
    private bool _wasHealthy;

    /// <summary>Crashes one after another, without a long run between them.</summary>
    public int Failures => _failures;

    /// <summary>Whether it has ever been of use.</summary>
    public bool WasHealthy => _wasHealthy;

    public void Started() => _started = time.GetUtcNow();

    public void Healthy() => _wasHealthy = true;

    /// <returns>How long to wait before the next start; null to leave it down.</returns>
    public TimeSpan? Crashed()
    {
        _failures = time.GetUtcNow() - _started >= RanWell ? 1 : _failures + 1;
        return !_wasHealthy && _failures >= MostFailuresAtStart ? null : Pause;
    }

    /// <summary>Something stands in the way of a start: a disk is full, a file is missing.</summary>
    /// <returns>How long to wait before the next start; null to leave it down.</returns>
    public TimeSpan? NotStarted()
    {
        _failures++;
        return _wasHealthy ? Pause : null;
    }

    // 0.2, 0.4, 0.8, … s
    private TimeSpan Pause => TimeSpan.FromSeconds(
        Math.Min(LongestPause.TotalSeconds, ShortestPause.TotalSeconds * Math.Pow(2, Math.Min(_failures, 10) - 1)));
}
