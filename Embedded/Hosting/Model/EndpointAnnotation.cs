namespace Embedded.Hosting;

/// <summary>An address at which a resource answers.</summary>
public sealed class EndpointAnnotation : IResourceAnnotation
{
    internal EndpointAnnotation(string name, string uriScheme, int? port, int? targetPort)
    {
        Name = name;
        UriScheme = uriScheme;
        Port = port;
        TargetPort = targetPort;
    }

    public string Name { get; }

    public string UriScheme { get; }

    /// <summary>The port that callers use; a free one is chosen when it is null.</summary>
    public int? Port { get; set; }

    /// <summary>The port that the process itself listens on; a free one is chosen for each replica when it is null.</summary>
    public int? TargetPort { get; set; }

    public bool IsExternal { get; set; }

    /// <summary>Whether a stable address stands before the process's own; without it both are the same.</summary>
    public bool IsProxied { get; set; } = true;

    internal string? TargetPortEnvironmentVariable { get; init; }

    internal int? AllocatedPort { get; set; }
}
