using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Embedded.Hosting;

/// <summary>
/// Runs an AppHost for a test: in this process, on free ports, with fresh data and logs in a temporary folder that is deleted
/// at the end. The environment variable SHOP_KEEP_LOGS names a folder to which the logs are copied first.
/// </summary>
public static class DistributedApplicationTestingBuilder
{
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync<TEntryPoint>([], cancellationToken);

    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(string[] args, CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync<TEntryPoint>(args, (_, _) => { }, cancellationToken);

    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(
        string[] args,
        Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder,
        CancellationToken cancellationToken = default) => CreateAsync(typeof(TEntryPoint), args, configureBuilder, cancellationToken);

    public static Task<IDistributedApplicationTestingBuilder> CreateAsync(Type entryPoint, CancellationToken cancellationToken = default) =>
        CreateAsync(entryPoint, [], cancellationToken);

    public static Task<IDistributedApplicationTestingBuilder> CreateAsync(Type entryPoint, string[] args, CancellationToken cancellationToken = default) =>
        CreateAsync(entryPoint, args, (_, _) => { }, cancellationToken);

    /// <param name="entryPoint">Any type of the AppHost's assembly, such as <c>Projects.Shop_AppHost</c>.</param>
    /// <param name="args">The AppHost's command line.</param>
    /// <param name="configureBuilder">Changes the AppHost's settings before its builder is made.</param>
    /// <param name="cancellationToken">Gives up waiting for the AppHost's model.</param>
    /// <exception cref="InvalidOperationException">The AppHost ended without building an application.</exception>
    public static async Task<IDistributedApplicationTestingBuilder> CreateAsync(
        Type entryPoint,
        string[] args,
        Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder,
        CancellationToken cancellationToken = default)
    {
        var main = entryPoint.Assembly.EntryPoint
            ?? throw new InvalidOperationException($"{entryPoint.Assembly.GetName().Name} has no entry point: give a type of the AppHost's assembly.");
        var handOver = new TaskCompletionSource<DistributedApplicationBuilder>(TaskCreationOptions.RunContinuationsAsynchronously);
        var context = new TestingContext { AppHostAssembly = entryPoint.Assembly, ConfigureBuilder = configureBuilder, HandOver = handOver };

        // A thread of its own: Main may block, and what it does to its flow of control must not reach the test.
        var entry = Task.Factory.StartNew(
            () => RunEntryPoint(main, args, context), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await Task.WhenAny(handOver.Task, entry).WaitAsync(cancellationToken);
        if (!handOver.Task.IsCompleted)
        {
            var exitCode = await entry;
            throw new InvalidOperationException(
                $"The AppHost ended with exit code {exitCode} before it built an application; its arguments were '{string.Join(' ', args)}'.");
        }

        return new TestingBuilder(await handOver.Task);
    }

    /// <summary>An application without an AppHost, whose model the test makes itself.</summary>
    public static IDistributedApplicationTestingBuilder Create(params string[] args) =>
        new TestingBuilder(new DistributedApplicationBuilder(new DistributedApplicationOptions { Args = args }, new TestingContext { AppHostAssembly = Assembly.GetCallingAssembly() }));

    private static int RunEntryPoint(MethodInfo main, string[] args, TestingContext context)
    {
        TestingContext.Current = context;
        try
        {
            object?[] arguments = main.GetParameters().Length == 0 ? [] : [args];
            return main.Invoke(null, BindingFlags.DoNotWrapExceptions, binder: null, arguments, culture: null) as int? ?? 0;
        }
        catch (HostAbortedException) when (context.HandOver!.Task.IsCompleted)
        {
            return 0;
        }
    }

    internal sealed class TestingBuilder(DistributedApplicationBuilder inner) : IDistributedApplicationTestingBuilder
    {
        private DistributedApplication? _built;

        public DistributedApplicationBuilder Inner => inner;

        public Assembly? AppHostAssembly => inner.AppHostAssembly;

        public string AppHostDirectory => inner.AppHostDirectory;

        public ConfigurationManager Configuration => inner.Configuration;

        public IHostEnvironment Environment => inner.Environment;

        public DistributedApplicationExecutionContext ExecutionContext => inner.ExecutionContext;

        public IResourceCollection Resources => inner.Resources;

        public IServiceCollection Services => inner.Services;

        public IResourceBuilder<T> AddResource<T>(T resource)
            where T : IResource => inner.AddResource(resource);

        public IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
            where T : IResource => inner.CreateResourceBuilder(resource);

        public DistributedApplication Build() => _built ??= inner.BuildApplication();

        public Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Task.FromResult(Build());
        }

        public void Dispose() => _built?.Dispose();

        public ValueTask DisposeAsync() => _built?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
