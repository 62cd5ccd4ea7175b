namespace Embedded.Hosting;

/// <param name="resource">The resource.</param>
/// <param name="resourceId">The resource's name, or a replica's: <c>apiservice-2</c>.</param>
/// <param name="snapshot">What it has become.</param>
public sealed class ResourceEvent(IResource resource, string resourceId, CustomResourceSnapshot snapshot)
{
    public IResource Resource { get; } = resource;

    public string ResourceId { get; } = resourceId;

    public CustomResourceSnapshot Snapshot { get; } = snapshot;
}
