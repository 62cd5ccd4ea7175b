namespace Embedded.Hosting;

public static class ExecutableResourceBuilderExtensions
{
    /// <param name="builder">The application's builder.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="command">A program on the PATH, or a path.</param>
    /// <param name="workingDirectory">Absolute, or relative to the AppHost's project folder.</param>
    /// <param name="args">The program's arguments.</param>
    public static IResourceBuilder<ExecutableResource> AddExecutable(
        this IDistributedApplicationBuilder builder, string name, string command, string workingDirectory, params string[]? args) =>
        builder.AddResource(new ExecutableResource(name, command, Path.GetFullPath(workingDirectory, builder.AppHostDirectory)))
            .WithArgs(args ?? []);
}
