using Microsoft.Extensions.Diagnostics.HealthChecks;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Embedded.Components;

/// <summary>Whether the broker opens a channel on the connection.</summary>
internal sealed class RabbitMQHealthCheck(PendingConnection<IConnection> pending) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var connection = await pending.GetAsync(cancellationToken);
            if (!connection.IsOpen)
                return new HealthCheckResult(context.Registration.FailureStatus, "The connection to RabbitMQ is down; it is being made again.");

            await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception e) when (e is RabbitMQClientException or InvalidOperationException or IOException)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, $"RabbitMQ doesn't answer: {e.Message}", e);
        }
    }
}
