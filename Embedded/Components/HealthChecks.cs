using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Embedded.Components;

internal static class HealthChecks
{
    /// <summary>Long enough for a busy server, short enough for whoever asks.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>Registers the check unless one of this name is there already: two clients of one server share it.</summary>
    public static void TryAddHealthCheck(this IHostApplicationBuilder builder, string name, Func<IServiceProvider, IHealthCheck> factory)
    {
        var key = $"Embedded.Components.HealthChecks.{name}";
        if (!builder.Properties.TryAdd(key, true))
            return;

        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(name, factory, failureStatus: null, tags: null, Timeout));
    }
}
