using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Shop.ServiceDefaults.Health;

/// <summary>Puts a <see cref="BoundedHealthCheck"/> around every registered check, whoever registered it.</summary>
internal sealed class BoundEveryCheck(IServiceScopeFactory scopes, IOptions<HealthOptions> options, TimeProvider time)
    : IPostConfigureOptions<HealthCheckServiceOptions>
{
    public void PostConfigure(string? name, HealthCheckServiceOptions checks)
    {
        foreach (var registration in checks.Registrations)
        {
            var bounded = new BoundedHealthCheck(registration.Factory, scopes, options.Value.CheckTimeout, time);
            registration.Factory = _ => bounded;
        }
    }
}
