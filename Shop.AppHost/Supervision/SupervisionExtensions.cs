using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Shop.AppHost.Supervision;

internal static class SupervisionExtensions
{
    /// <summary>
    /// What Aspire leaves to others: what crashed is started again, an end goes in order, and a line says when all is up.
    /// <c>Supervision:Restarts=false</c> leaves down what crashed.
    /// </summary>
    public static void AddSupervision(this IServiceCollection services)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<Instances>();
        services.AddHostedService<StartReport>();
        // Before Aspire's own: its start lasts until nobody waits any more, and what crashes meanwhile would be waited for without end.
        services.Insert(0, ServiceDescriptor.Singleton<IHostedService, CrashRestarts>());
        services.AddHostedService<OrderedStop>();
    }
}
