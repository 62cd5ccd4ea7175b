namespace Embedded.Hosting;

/// <summary>What the build knows of a project that the AppHost references; implemented by the generated <c>Projects</c> classes.</summary>
public interface IProjectMetadata : IResourceAnnotation
{
    string ProjectPath { get; }

    /// <summary>The project's built assembly, wherever the build put it.</summary>
    string AssemblyPath { get; }
}
