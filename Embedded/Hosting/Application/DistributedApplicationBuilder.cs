using System.Reflection;
using Embedded.Hosting.Endpoints;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Embedded.Hosting;

internal sealed class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    private const string ResetOption = "--reset";

    private readonly HostApplicationBuilder _host;
    private readonly TestingContext? _testing;

    public DistributedApplicationBuilder(DistributedApplicationOptions options, TestingContext? testing)
    {
        _testing = testing;
        if (testing is null)
            InlineCompletions.Enable();
        AppHostAssembly = testing?.AppHostAssembly
            ?? (options.AssemblyName is { } assemblyName ? Assembly.Load(assemblyName) : Assembly.GetEntryAssembly());
        AppHostDirectory = ProjectDirectoryOf(AppHostAssembly) ?? Directory.GetCurrentDirectory();

        var args = options.Args ?? [];
        var settings = new HostApplicationBuilderSettings
        {
            // Nothing of the defaults is wanted: no console lifetime, no file watchers, no loggers that mix into the terminal's lines.
            DisableDefaults = true,
            ApplicationName = AppHostAssembly?.GetName().Name ?? "apphost",
            ContentRootPath = AppHostDirectory,
            Configuration = Configure(args),
        };
        settings.EnvironmentName = settings.Configuration["environment"]
            ?? settings.Configuration["DOTNET_ENVIRONMENT"]
            ?? settings.Configuration["ASPNETCORE_ENVIRONMENT"]
            ?? (testing is null ? Environments.Production : Environments.Development);
        testing?.ConfigureBuilder?.Invoke(options, settings);
        settings.Configuration
            .AddJsonFile(Path.Combine(AppHostDirectory, "appsettings.json"), optional: true, reloadOnChange: false)
            .AddJsonFile(Path.Combine(AppHostDirectory, $"appsettings.{settings.EnvironmentName}.json"), optional: true, reloadOnChange: false)
            .AddEnvironmentVariables()
            .AddCommandLine(WithoutReset(args));

        _host = new HostApplicationBuilder(settings);
        ExecutionContext = new DistributedApplicationExecutionContext(
            IsPublishing(_host.Configuration) ? DistributedApplicationOperation.Publish : DistributedApplicationOperation.Run);
        Data = testing is null
            ? ApplicationData.OfUser(ApplicationNameOf(settings.ApplicationName), reset: args.Contains(ResetOption))
            : ApplicationData.Temporary(ApplicationNameOf(settings.ApplicationName));

        Services.AddHttpClient();
        Services.AddSingleton(ExecutionContext);
        Services.AddSingleton(new DistributedApplicationModel(Resources));
        Services.AddSingleton(Data);
        Services.AddSingleton<ResourceNotificationService>();
        Services.AddSingleton(_ => testing is null ? TerminalOutput.OfConsole() : TerminalOutput.Off());
        Services.AddSingleton(DashboardSettings.Of(_host.Configuration, isTest: testing is not null));
        Services.AddSingleton<Orchestrator>();
        Services.AddSingleton(services => new ResourceCommandService(services.GetRequiredService<Orchestrator>()));
    }

    public Assembly? AppHostAssembly { get; }

    public string AppHostDirectory { get; }

    public ConfigurationManager Configuration => _host.Configuration;

    public IHostEnvironment Environment => _host.Environment;

    public DistributedApplicationExecutionContext ExecutionContext { get; }

    public IResourceCollection Resources { get; } = new ResourceCollection();

    public IServiceCollection Services => _host.Services;

    internal ApplicationData Data { get; }

    public static DistributedApplicationBuilder Of(IDistributedApplicationBuilder builder) => builder switch
    {
        DistributedApplicationBuilder own => own,
        DistributedApplicationTestingBuilder.TestingBuilder testing => testing.Inner,
        _ => throw new InvalidOperationException($"{builder.GetType().Name} is not a builder of this engine."),
    };

    public IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource
    {
        Resources.Add(resource);
        return CreateResourceBuilder(resource);
    }

    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
        where T : IResource => new ResourceBuilder<T>(this, resource);

    public DistributedApplication Build()
    {
        if (_testing is { HandOver: { } handOver })
        {
            handOver.TrySetResult(this);
            // .NET's own sign (EF Core's tools use it too) that an entry point has given all that was asked of it and should unwind.
            throw new HostAbortedException();
        }

        return BuildApplication();
    }

    internal DistributedApplication BuildApplication() =>
        new(_host.Services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true }));

    private static ConfigurationManager Configure(string[] args)
    {
        var configuration = new ConfigurationManager();
        configuration.AddEnvironmentVariables().AddCommandLine(WithoutReset(args));
        return configuration;
    }

    // The command-line provider would take the argument after a flag for the flag's value.
    private static string[] WithoutReset(string[] args) => [.. args.Where(arg => arg != ResetOption)];

    private static bool IsPublishing(ConfigurationManager configuration) =>
        configuration["publisher"] is { Length: > 0 }
        || string.Equals(configuration["operation"], "publish", StringComparison.OrdinalIgnoreCase);

    private static string ApplicationNameOf(string assemblyName)
    {
        const string Suffix = ".AppHost";
        var name = assemblyName.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase) ? assemblyName[..^Suffix.Length] : assemblyName;
#pragma warning disable CA1308 // Directories and resources are lower-case by custom, nothing is compared.
        return name.ToLowerInvariant();
#pragma warning restore CA1308
    }

    private static string? ProjectDirectoryOf(Assembly? assembly) =>
        assembly?.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(attribute => attribute.Key == "apphostprojectpath")?.Value;
}
