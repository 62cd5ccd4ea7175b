using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shop.ServiceDefaults.Discovery;

namespace Shop.ServiceDefaults.Resilience;

internal static class ResilienceExtensions
{
    /// <summary>Every client of IHttpClientFactory: retry around discovery around circuit breaker and attempt timeout.</summary>
    public static void AddHttpResilience(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<ResilienceOptions>().BindConfiguration(ResilienceOptions.Section)
            .ValidateDataAnnotations()
            .Validate(options => options.AttemptTimeout <= options.TotalTimeout, "Resilience:AttemptTimeout must not exceed Resilience:TotalTimeout.")
            .ValidateOnStart();
        builder.Services.AddSingleton<RetryPipeline>();
        builder.Services.AddSingleton<CircuitBreakers>();
        builder.Services.AddTransient<RetryHandler>();
        builder.Services.AddTransient<CircuitBreakerHandler>();
        builder.Services.ConfigureHttpClientDefaults(http => http
            .UseSocketsHttpHandler((sockets, _) =>
            {
                // Connections are renewed so that they spread over replicas that came later.
                sockets.PooledConnectionLifetime = TimeSpan.FromMinutes(1);
                sockets.ConnectTimeout = TimeSpan.FromSeconds(2);
            })
            .AddHttpMessageHandler<RetryHandler>()
            .AddHttpMessageHandler<ServiceDiscoveryHandler>()
            .AddHttpMessageHandler<CircuitBreakerHandler>());
    }
}
