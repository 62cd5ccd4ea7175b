namespace Embedded.Hosting;

/// <summary>That a resource has to do with another; for whoever draws the application.</summary>
public sealed class ResourceRelationshipAnnotation(IResource resource, string type) : IResourceAnnotation
{
    public IResource Resource { get; } = resource;

    public string Type { get; } = type;
}
