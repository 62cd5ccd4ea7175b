using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Shop.Tests.Embedded.Components;

/// <summary>A host's builder with nothing but the given configuration.</summary>
internal static class ComponentHost
{
    public static HostApplicationBuilder Create(params ReadOnlySpan<(string Key, string? Value)> configuration)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = Environments.Development });
        builder.Services.AddLogging();
        builder.Configuration.AddInMemoryCollection(configuration.ToArray().ToDictionary(entry => entry.Key, entry => entry.Value));
        return builder;
    }

    public static IReadOnlyList<string> HealthChecks(IServiceProvider services) =>
        [.. services.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations.Select(registration => registration.Name)];
}
