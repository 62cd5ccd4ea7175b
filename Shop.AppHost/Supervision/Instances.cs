using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Shop.AppHost.Supervision;

/// <summary>
/// The processes that Aspire's orchestrator runs, by what it last told of each: one for each replica of a service, one for each server.
/// </summary>
internal sealed class Instances(DistributedApplicationModel model, ResourceNotificationService notifications)
{
    private readonly ConcurrentDictionary<string, ResourceEvent> _last = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _wereHealthy = new(StringComparer.Ordinal);

    /// <summary>Each change of an instance, with what was known of it before.</summary>
    public async IAsyncEnumerable<(ResourceEvent Now, ResourceEvent? Before)> WatchAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var change in notifications.WatchAsync(cancellationToken))
        {
            var before = _last.GetValueOrDefault(change.ResourceId);
            _last[change.ResourceId] = change;
            if (change.Snapshot.HealthStatus == HealthStatus.Healthy)
                _wereHealthy[change.ResourceId] = _wereHealthy[change.Resource.Name] = true;
            if (IsRun(change.Resource))
                yield return (change, before);
        }
    }

    /// <summary>The running instances of all resources, whether anybody watches them or not.</summary>
    public async Task<IReadOnlyCollection<ResourceEvent>> RunningAsync()
    {
        var known = new Dictionary<string, ResourceEvent>(StringComparer.Ordinal);
        try
        {
            // What is known is told first, cancelled or not, and what comes later isn't wanted.
            await foreach (var change in notifications.WatchAsync(new CancellationToken(canceled: true)))
                known[change.ResourceId] = change;
        }
        catch (OperationCanceledException)
        {
            // All that is known was told.
        }

        return [.. known.Values.Where(instance => instance.Snapshot.State?.Text == KnownResourceStates.Running)];
    }

    /// <summary>The resource under which people know an instance: the server, where a program runs in its stead.</summary>
    public static IResource KnownAs(IResource resource) =>
        resource.Annotations.OfType<ResourceRelationshipAnnotation>()
            .FirstOrDefault(relation => relation.Type == "Parent" && resource is ExecutableResource)
            ?.Resource ?? resource;

    /// <summary>Whether an instance, or what it is known as, has ever been healthy.</summary>
    public bool WasHealthy(ResourceEvent instance) =>
        _wereHealthy.ContainsKey(KnownAs(instance.Resource) is var known && known != instance.Resource ? known.Name : instance.ResourceId);

    /// <summary>Who waits for a resource, or for one that is part of it.</summary>
    public IEnumerable<IResource> WaitersOf(IResource resource) =>
        model.Resources.Where(waiter => waiter.Annotations.OfType<WaitAnnotation>().Any(wait => IsPartOf(wait.Resource, KnownAs(resource))))
            .Distinct();

    /// <summary>Whether others wait until it has done its work, instead of until it serves.</summary>
    public bool EndsByItself(IResource resource) =>
        model.Resources.SelectMany(waiter => waiter.Annotations.OfType<WaitAnnotation>())
            .Any(wait => wait.Resource == resource && wait.WaitType == WaitType.WaitForCompletion);

    /// <summary>Whether Aspire's orchestrator runs it, and it is one of ours.</summary>
    public static bool IsRun(IResource resource) =>
        resource is ProjectResource or ExecutableResource { Name: not "aspire-dashboard" } || resource.IsContainer();

    private static bool IsPartOf(IResource part, IResource whole) =>
        part == whole || (part is IResourceWithParent child && IsPartOf(child.Parent, whole));
}
