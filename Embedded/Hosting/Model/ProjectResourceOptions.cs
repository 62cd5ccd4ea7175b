namespace Embedded.Hosting;

/// <summary>Accepted for source compatibility: this engine takes a project's endpoints and environment from the AppHost alone.</summary>
public sealed class ProjectResourceOptions
{
    public string? LaunchProfileName { get; set; }

    public bool ExcludeLaunchProfile { get; set; }

    public bool ExcludeKestrelEndpoints { get; set; }
}
