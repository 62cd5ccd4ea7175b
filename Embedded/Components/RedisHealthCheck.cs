using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace Embedded.Components;

/// <summary>Whether Redis answers PING.</summary>
internal sealed class RedisHealthCheck(PendingConnection<IConnectionMultiplexer> connection) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var multiplexer = await connection.GetAsync(cancellationToken);
            await multiplexer.GetDatabase().PingAsync().WaitAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception e) when (e is RedisException or TimeoutException or InvalidOperationException)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, $"Redis doesn't answer: {e.Message}", e);
        }
    }
}
