using Microsoft.Extensions.Hosting;

namespace Shop.AppHost.Supervision;

/// <summary>
/// Ends whoever waits for something before it: services before the servers that they still write to. Aspire ends all at once, and
/// kills those that wait for each other.
/// </summary>
internal sealed class OrderedStop(DistributedApplicationModel model, Instances instances, ResourceCommandService commands) : IHostedService
{
    private Task? _stopping;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Asked again (Aspire's test host does so), it doesn't wait for an orchestrator that is gone.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _stopping ??= StopInOrderAsync(cancellationToken);

    private async Task StopInOrderAsync(CancellationToken cancellationToken)
    {
        // Containers are servers, and come last: the orchestrator ends all of them together, where it would do so one by one here.
        var running = (await instances.RunningAsync()).Where(instance => !instance.Resource.IsContainer()).ToArray();
        var left = model.Resources.Where(Instances.IsRun).ToHashSet();
        while (left.Count > 0)
        {
            var stage = left.Where(one => !instances.WaitersOf(one).Any(left.Contains)).ToArray();
            // A circle of waits has no beginning.
            if (stage.Length == 0)
                stage = [.. left];
            await Task.WhenAll(running.Where(instance => stage.Contains(instance.Resource)).Select(instance =>
                commands.ExecuteCommandAsync(instance.ResourceId, KnownResourceCommands.StopCommand, cancellationToken)));
            left.ExceptWith(stage);
        }
    }
}
