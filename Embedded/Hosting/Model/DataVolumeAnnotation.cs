namespace Embedded.Hosting;

/// <summary>The server's data is kept under this name between runs.</summary>
internal sealed class DataVolumeAnnotation(string name) : IResourceAnnotation
{
    public string Name { get; } = name;
}
