using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Shop.ServiceDefaults.Health;

/// <summary>
/// Answers in time even when the check doesn't: some make their client connect in the constructor, some ignore their token.
/// A check that is still running is waited for again rather than started a second time.
/// </summary>
internal sealed class BoundedHealthCheck(
    Func<IServiceProvider, IHealthCheck> factory, IServiceScopeFactory scopes, TimeSpan timeout, TimeProvider time) : IHealthCheck
{
    private readonly Lock _lock = new();
    private Task<HealthCheckResult>? _running;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        Task<HealthCheckResult> running;
        lock (_lock)
        {
            if (_running is null or { IsCompleted: true }) _running = Task.Run(() => RunAsync(context), CancellationToken.None);
            running = _running;
        }

        try
        {
            return await running.WaitAsync(timeout, time, cancellationToken);
        }
        catch (TimeoutException) when (!running.IsCompleted)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, $"No answer within {timeout.TotalSeconds:0.##} s.");
        }
    }

    private async Task<HealthCheckResult> RunAsync(HealthCheckContext context)
    {
        using var limit = new CancellationTokenSource(timeout, time);
        await using var scope = scopes.CreateAsyncScope();
        try
        {
            return await factory(scope.ServiceProvider).CheckHealthAsync(context, limit.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, $"No answer within {timeout.TotalSeconds:0.##} s.");
        }
        catch (Exception exception)
        {
            // Whatever a check throws is its verdict; nobody may be waiting for this task any more.
            return new HealthCheckResult(context.Registration.FailureStatus, exception.Message, exception);
        }
    }
}
