using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Shop.ServiceDefaults.Health;

/// <summary>Runs the checks at most once a <paramref name="lifetime"/>, however many ask.</summary>
internal sealed class HealthReportCache(
    HealthCheckService checks, Func<HealthCheckRegistration, bool> includes, TimeSpan lifetime, TimeProvider time)
{
    private readonly Lock _lock = new();
    private Task<HealthReport>? _report;
    private long _completedAt;

    public Task<HealthReport> GetAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var fresh = _report is { IsCompleted: false }
                || (_report is { IsCompletedSuccessfully: true } && time.GetElapsedTime(Interlocked.Read(ref _completedAt)) < lifetime);
            if (!fresh) _report = RunAsync();
            return _report!.WaitAsync(cancellationToken);
        }
    }

    // Not with the token of the request that happens to be first: the others wait for the same report.
    private async Task<HealthReport> RunAsync()
    {
        var report = await checks.CheckHealthAsync(includes, CancellationToken.None);
        Interlocked.Exchange(ref _completedAt, time.GetTimestamp());
        return report;
    }
}
