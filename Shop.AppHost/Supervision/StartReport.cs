using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Shop.AppHost.Supervision;

/// <summary>Says when all is up, and where.</summary>
internal sealed class StartReport(
    DistributedApplicationModel model, ResourceNotificationService notifications, ILogger<StartReport> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var services = model.GetProjectResources().Where(service => service.Annotations.OfType<EndpointAnnotation>().Any()).ToArray();
        await Task.WhenAll(services.Select(service =>
            notifications.WaitForResourceHealthyAsync(service.Name, WaitBehavior.WaitOnResourceUnavailable, stoppingToken)));
        var addresses = services.SelectMany(service => service.Annotations.OfType<EndpointAnnotation>()
            .Where(endpoint => endpoint.Port is not null).Select(endpoint => $"{service.Name} {endpoint.AllocatedEndpoint?.UriString}"));
        logger.AllIsUp((DateTime.Now - Process.GetCurrentProcess().StartTime).TotalSeconds, string.Join(", ", addresses));
    }
}
