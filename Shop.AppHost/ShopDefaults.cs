using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Shop.AppHost.Supervision;

namespace Shop.AppHost;

/// <summary>How this shop wants its AppHost, beside what stands in AppHost.cs.</summary>
internal static class ShopDefaults
{
    /// <summary>A health check that takes longer asks a service that is still starting: Aspire's proxy accepts before it listens.</summary>
    private static readonly TimeSpan HealthCheckTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Plain HTTP on the loopback interface, which needs no developer certificate.</summary>
    public static DistributedApplicationOptions Options(string[] arguments) => new()
    {
        Args = arguments,
        AllowUnsecuredTransport = true,
        TrustDeveloperCertificate = false,
        DeveloperCertificateDefaultHttpsTerminationEnabled = false,
    };

    /// <summary>Fixed ports that are checked, services without a wrapper, restarts after crashes, and an end in order.</summary>
    /// <returns>What the configuration asks for; its mistakes end the start.</returns>
    public static ShopSettings UseShopDefaults(this IDistributedApplicationBuilder builder, string[] arguments)
    {
        var settings = new ShopSettings(builder.Configuration, arguments);
        if (!builder.ExecutionContext.IsRunMode)
            return settings;
        builder.Configuration["ASPNETCORE_URLS"] = $"http://localhost:{settings.Port("dashboard", 18888)}";
        builder.Configuration["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] ??= "true";
        // Between AppHost and dashboard, on any free port.
        builder.Configuration["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"] ??= "http://127.0.0.1:0";
        builder.Services.PostConfigure<HealthCheckServiceOptions>(checks =>
        {
            // Aspire names a check of a service after its resource, endpoint and path.
            foreach (var overHttp in checks.Registrations.Where(check => check.Name.Contains("/health", StringComparison.Ordinal)))
                overHttp.Timeout = HealthCheckTimeout;
        });
#pragma warning disable ASPIRECERTIFICATES001
        builder.Services.AddSingleton<IDeveloperCertificateService, UnusedCertificate>();
#pragma warning restore ASPIRECERTIFICATES001
        builder.Services.AddSupervision();
        builder.Eventing.Subscribe<BeforeStartEvent>((start, _) =>
        {
            foreach (var service in start.Model.GetProjectResources())
            {
                RunBuiltProgram(service);
                // Aspire has every trace sampled, each look into the database among them; the services know better what people want to see.
                service.Annotations.Add(
                    new EnvironmentCallbackAnnotation(context => context.EnvironmentVariables.Remove("OTEL_TRACES_SAMPLER")));
            }

            if (settings.Mistakes is { Count: > 0 } mistakes)
                throw new DistributedApplicationException(string.Join(Environment.NewLine, mistakes));
            if (!builder.Configuration.GetValue("DcpPublisher:RandomizePorts", false))
                FixedPorts.Check(start.Model, builder.Configuration["ASPNETCORE_URLS"]);
            return Task.CompletedTask;
        });
        builder.Eventing.Subscribe<BeforeResourceStartedEvent>((start, _) =>
        {
            if (start.Resource.Name == "aspire-dashboard")
                start.Resource.Annotations.Add(new EnvironmentCallbackAnnotation(TakeLittleMemory));
            return Task.CompletedTask;
        });
        return settings;
    }

    /// <summary>Passes a section of the AppHost's own configuration on to a service that reads the same one.</summary>
    public static IResourceBuilder<T> WithSettings<T>(this IResourceBuilder<T> service, string section)
        where T : IResourceWithEnvironment
    {
        foreach (var (key, value) in service.ApplicationBuilder.Configuration.GetSection(section).AsEnumerable())
        {
            if (value is not null)
                service.WithEnvironment(key.Replace(":", "__", StringComparison.Ordinal), value);
        }

        return service;
    }

    /// <summary>Where a service answers Prometheus, and tells why it isn't healthy: not where its customers come.</summary>
    public static IResourceBuilder<ProjectResource> WithManagementPort(
        this IResourceBuilder<ProjectResource> service, ShopSettings settings) =>
        service.WithHttpEndpoint(port: settings.ManagementPort(service.Resource.Name), name: "management", env: "Management__Port")
            .WithUrlForEndpoint("management", url => url.DisplayLocation = UrlDisplayLocation.DetailsOnly);

    /// <summary>
    /// The database for services: the connection string of a role beside the server's administrator, with a password of its own.
    /// </summary>
    public static IResourceBuilder<ConnectionStringResource> AddServiceRole(
        this IResourceBuilder<PostgresDatabaseResource> database, string name, string role)
    {
        var password = database.ApplicationBuilder.AddParameter(
            $"{name}-password", new GenerateParameterDefault { MinLength = 32, Special = false }, secret: true, persist: true);
        var server = database.Resource.Parent.PrimaryEndpoint;
        return database.ApplicationBuilder.AddConnectionString(name, ReferenceExpression.Create(
            $"Host={server.Property(EndpointProperty.Host)};Port={server.Property(EndpointProperty.Port)};"
            + $"Username={role};Password={password};Database={database.Resource.DatabaseName}"));
    }

    /// <summary>
    /// When memory is short, what ends soonest anyway goes first: counts of rate limits, then gates of flash sales and forgotten baskets.
    /// What has no end stays: the keys that sign cookies.
    /// </summary>
    public static IResourceBuilder<RedisResource> WithMemoryLimit(this IResourceBuilder<RedisResource> redis) =>
        // The last argument is the command that the image's shell runs.
        redis.WithArgs(context => context.Args[^1] = $"{context.Args[^1]} --maxmemory 256mb --maxmemory-policy volatile-ttl");

    /// <summary>The write-ahead log of quorum queues stays in memory up to its size, which is 512 MiB unless it is set.</summary>
    public static IResourceBuilder<RabbitMQServerResource> WithSmallLog(this IResourceBuilder<RabbitMQServerResource> rabbit) =>
        rabbit.WithEnvironment("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-ra wal_max_size_bytes 67108864");

    /// <summary>Without a mail server the e-mails are kept as files, to be looked at.</summary>
    public static IResourceBuilder<ProjectResource> WithMailFolder(this IResourceBuilder<ProjectResource> service, ShopSettings settings)
    {
        if (!service.ApplicationBuilder.ExecutionContext.IsRunMode)
            return service;
        var folder = settings.MailFolder;
        return service.WithEnvironment("Notifications__PickupDirectory", folder).WithUrl(new Uri(folder).AbsoluteUri, "e-mails");
    }

    /// <summary>Runs the shop; an obstacle is a sentence on the console, and not a stack trace.</summary>
    /// <returns>The process's exit code: 0 after an ordinary end.</returns>
    public static async Task<int> RunToEndAsync(this DistributedApplication app)
    {
        try
        {
            await app.RunAsync();
            return Environment.ExitCode;
        }
        catch (DistributedApplicationException obstacle)
        {
            await Console.Error.WriteLineAsync(obstacle.Message);
            return 1;
        }
    }

    /// <summary>Where a service's program lies: built with the AppHost, in a folder of the same name below its own project's.</summary>
    public static string BuiltProgram(IResource service)
    {
        var project = service.Annotations.OfType<IProjectMetadata>().Single().ProjectPath;
        var output = typeof(ShopDefaults).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(data => data.Key == "BuildOutput").Value!;
        var program = Path.Combine(Path.GetDirectoryName(project)!, output, Path.GetFileNameWithoutExtension(project));
        return OperatingSystem.IsWindows() ? $"{program}.exe" : program;
    }

    // One developer looks at it: the heaps of a server, one for each core, would double what it takes.
    private static void TakeLittleMemory(EnvironmentCallbackContext context)
    {
        context.EnvironmentVariables["DOTNET_gcServer"] = "0";
        context.EnvironmentVariables["DOTNET_gcConcurrent"] = "0";
    }

    // Aspire would run each by `dotnet run`, which stays beside it and takes 90 MiB.
    private static void RunBuiltProgram(ProjectResource service)
    {
        var program = BuiltProgram(service);
        if (File.Exists(program))
        {
            var project = service.Annotations.OfType<IProjectMetadata>().Single().ProjectPath;
            service.Annotations.Add(new ExecutableAnnotation { Command = program, WorkingDirectory = Path.GetDirectoryName(project)! });
        }
    }
}
