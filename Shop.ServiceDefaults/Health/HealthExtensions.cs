using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Shop.ServiceDefaults.Health;

internal static class HealthExtensions
{
    public static void AddHealth(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<HealthOptions>().BindConfiguration(HealthOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [HealthEndpoints.LiveTag]);
        builder.Services.AddSingleton<IPostConfigureOptions<HealthCheckServiceOptions>, BoundEveryCheck>();
        builder.Services.AddSingleton<HealthProbes>();
    }

    public static void MapHealth(this WebApplication app)
    {
        var probes = app.Services.GetRequiredService<HealthProbes>();
        app.MapGet(HealthEndpoints.Health, probes.AnswerReadinessAsync)
            .AllowAnonymous().DisableHttpMetrics().ShortCircuit().ExcludeFromDescription();
        app.MapGet(HealthEndpoints.Alive, probes.AnswerLivenessAsync)
            .AllowAnonymous().DisableHttpMetrics().ShortCircuit().ExcludeFromDescription();
    }
}
