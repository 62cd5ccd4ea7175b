using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;

namespace Shop.ServiceDefaults.Telemetry;

/// <summary>
/// Registers OpenTelemetry's providers in the container. Components that call <c>AddOpenTelemetry()</c> of
/// OpenTelemetry.Extensions.Hosting add their sources to the same providers.
/// </summary>
internal sealed class TelemetryBuilder(IServiceCollection services) : IOpenTelemetryBuilder
{
    public IServiceCollection Services { get; } = services;
}
