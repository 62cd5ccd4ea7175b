using System.Globalization;

namespace Embedded.Hosting;

public static class ProjectResourceBuilderExtensions
{
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name)
        where TProject : IProjectMetadata, new() => builder.AddProject<TProject>(name, _ => { });

    public static IResourceBuilder<ProjectResource> AddProject<TProject>(
        this IDistributedApplicationBuilder builder, string name, Action<ProjectResourceOptions> configure)
        where TProject : IProjectMetadata, new()
    {
        configure(new ProjectResourceOptions());
        return builder.AddResource(new ProjectResource(name))
            .WithAnnotation(new TProject())
            .WithEnvironment(context => SetDefaults(builder, context));
    }

    /// <exception cref="ArgumentOutOfRangeException"><paramref name="replicas"/> is less than 1.</exception>
    public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(replicas, 1);
        return builder.WithAnnotation(new ReplicaAnnotation(replicas), ResourceAnnotationMutationBehavior.Replace);
    }

    private static void SetDefaults(IDistributedApplicationBuilder builder, EnvironmentCallbackContext context)
    {
        var variables = context.EnvironmentVariables;
        variables["DOTNET_ENVIRONMENT"] = builder.Environment.EnvironmentName;
        variables["ASPNETCORE_ENVIRONMENT"] = builder.Environment.EnvironmentName;
        variables["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true";
        variables["LOGGING__CONSOLE__FORMATTERNAME"] = "simple";
        if (builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 } collector)
        {
            variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector;
            variables["OTEL_METRIC_EXPORT_INTERVAL"] = TimeSpan.FromSeconds(1).TotalMilliseconds.ToString(CultureInfo.InvariantCulture);
        }
    }
}
