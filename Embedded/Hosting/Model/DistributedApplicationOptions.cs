namespace Embedded.Hosting;

public sealed class DistributedApplicationOptions
{
    public string[]? Args { get; set; }

    /// <summary>The AppHost's assembly name, when it isn't the process's entry assembly.</summary>
    public string? AssemblyName { get; set; }
}
