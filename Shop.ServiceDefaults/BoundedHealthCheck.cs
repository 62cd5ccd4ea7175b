using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Shop.ServiceDefaults;

/// <summary>
/// Answers in time even when the check doesn't: some make their client connect in the constructor, some ignore their token.
/// However many ask, the check runs once a second; one that is still running is waited for rather than started again.
/// </summary>
internal sealed class BoundedHealthCheck(Func<IServiceProvider, IHealthCheck> factory, IServiceScopeFactory scopes, TimeProvider time)
    : IHealthCheck
{
    /// <summary>The entry of a result's data that tells how long the check took.</summary>
    public const string Milliseconds = "ms";

    /// <summary>Below the seconds that probes of orchestrators usually wait.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Life = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private Task<HealthCheckResult>? _result;
    private long _startedAt;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        Task<HealthCheckResult> result;
        lock (_gate)
        {
            if (_result is null || (_result.IsCompleted && time.GetElapsedTime(_startedAt) >= Life))
            {
                _startedAt = time.GetTimestamp();
                // With no token of the request that happens to be first: others wait for the same result.
                _result = Task.Run(() => RunAsync(context.Registration), CancellationToken.None);
            }

            result = _result;
        }

        try
        {
            return await result.WaitAsync(Limit, time, cancellationToken);
        }
        catch (TimeoutException) when (!result.IsCompleted)
        {
            return Result(context.Registration.FailureStatus, $"No answer within {Limit.TotalSeconds} s.", exception: null, Limit);
        }
    }

    private async Task<HealthCheckResult> RunAsync(HealthCheckRegistration registration)
    {
        var start = time.GetTimestamp();
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var context = new HealthCheckContext { Registration = registration };
            var said = await factory(scope.ServiceProvider).CheckHealthAsync(context, CancellationToken.None);
            return Result(said.Status, said.Description, said.Exception, time.GetElapsedTime(start));
        }
        catch (Exception exception)
        {
            // Whatever a check throws is its verdict.
            return Result(registration.FailureStatus, description: null, exception, time.GetElapsedTime(start));
        }
    }

    private static HealthCheckResult Result(HealthStatus status, string? description, Exception? exception, TimeSpan took) =>
        new(status, description, exception, new Dictionary<string, object> { [Milliseconds] = Math.Round(took.TotalMilliseconds, 1) });
}
