using System.Collections.Immutable;
using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Shop.LocalServers;

/// <summary>
/// A server resource that stops being a container and follows a program instead. The resource stays in the model under its own
/// name and type, so that its package goes on giving connection strings, health, parameters and databases; what Aspire's
/// orchestrator starts is a hidden executable beside it, whose state, process and log are shown as the server's.
/// </summary>
internal sealed class LocalServer
{
    /// <summary>Ports outside the range from which systems draw those of outgoing connections.</summary>
    private const int FirstPort = 15000;

    private const int LastPort = 32000;

    private static readonly HashSet<string> ShownProperties = new(StringComparer.Ordinal) { "executable.pid" };

    private readonly ContainerResource _server;
    private readonly ServerKind _kind;
    private readonly ExecutableResource _program;
    private readonly string? _volume;
    private readonly IServiceProvider _services;
    private readonly IResource[] _family;
    private IReadOnlyDictionary<string, string> _programs = ImmutableDictionary<string, string>.Empty;
    private string _data = "";

    private LocalServer(ContainerResource server, ServerKind kind, IDistributedApplicationBuilder builder, IServiceProvider services)
    {
        (_server, _kind, _services) = (server, kind, services);
        var model = services.GetRequiredService<DistributedApplicationModel>();
        _family = [server, .. model.Resources.OfType<IResourceWithParent>().Where(child => child.Parent == server)];
        _volume = server.Annotations.OfType<ContainerMountAnnotation>()
            .FirstOrDefault(mount => mount.Type == ContainerMountType.Volume)?.Source;
        var script = ScriptFile(kind.Script);
        _program = builder.AddExecutable($"{server.Name}-server", script, Path.GetDirectoryName(script)!)
            .WithHidden()
            .WithParentRelationship(builder.CreateResourceBuilder(server))
            .ExcludeFromManifest()
            .WithEnvironment(context =>
            {
                context.EnvironmentVariables["DATA"] = _data;
                context.EnvironmentVariables["NODE"] = server.Name;
                foreach (var (name, path) in _programs)
                    context.EnvironmentVariables[name] = path;
            })
            .OnBeforeResourceStarted((_, _, cancellationToken) => PrepareAsync(cancellationToken))
            .Resource;
    }

    /// <summary>Lets the server run as a program of this machine. Its package's own handlers must not have seen the model yet.</summary>
    public static void Replace(ContainerResource server, ServerKind kind, IDistributedApplicationBuilder builder, IServiceProvider services)
    {
        var local = new LocalServer(server, kind, builder, services);
        foreach (var image in server.Annotations.OfType<ContainerImageAnnotation>().ToArray())
            server.Annotations.Remove(image);
#pragma warning disable ASPIRECERTIFICATES001 // Without a developer certificate the server speaks plainly, on the loopback interface only.
        server.Annotations.Add(new HttpsCertificateAnnotation { UseDeveloperCertificate = false });
        foreach (var callback in server.Annotations.OfType<HttpsCertificateConfigurationCallbackAnnotation>().ToArray())
            server.Annotations.Remove(callback);
#pragma warning restore ASPIRECERTIFICATES001
        foreach (var environment in server.Annotations.OfType<EnvironmentCallbackAnnotation>())
            local._program.Annotations.Add(environment);
        local.GivePorts(builder);
        local.PassCommands(builder);
        builder.Eventing.Subscribe<InitializeResourceEvent>(
            server, (initialize, cancellationToken) => local.FollowAsync(initialize, cancellationToken));
    }

    private static string ScriptFile(string name)
    {
        var file = Path.Combine(AppContext.BaseDirectory, "servers", name);
        // A package or an archive may have lost the mode.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, File.GetUnixFileMode(file) | UnixFileMode.UserExecute);
        return file;
    }

    /// <summary>Whatever can stand in the way is found before the program starts, and said in a sentence.</summary>
    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        var logger = _services.GetRequiredService<ResourceLoggerService>().GetLogger(_server);
        try
        {
            _programs = await _kind.Package.EnsureAsync(_kind.Product, _kind.FindPrograms, Announce, cancellationToken);
            _data = _services.GetRequiredService<DataDirectories>().Of(_server.Name, _volume);
            if (_kind.Refusal(_data, _programs) is { } refusal)
                throw new DistributedApplicationException(refusal);
        }
        catch (DistributedApplicationException obstacle)
        {
            logger.Obstacle(obstacle.Message);
            throw;
        }

        void Announce(string what)
        {
            logger.Announce(what);
            _services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(LocalServersExtensions).Namespace!).Announce(what);
        }
    }

    private void GivePorts(IDistributedApplicationBuilder builder)
    {
        var program = builder.CreateResourceBuilder(_program);
        foreach (var endpoint in _server.Annotations.OfType<EndpointAnnotation>())
        {
            var port = endpoint.Port ?? FreePort();
            (endpoint.Port, endpoint.TargetPort, endpoint.IsProxied) = (port, port, false);
            endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, "localhost", port);
            program.WithEnvironment(endpoint.Name == "tcp" ? "PORT" : $"PORT_{endpoint.Name.ToUpperInvariant()}", Text(port));
        }

        program.WithEnvironment("PORT_DISTRIBUTION", Text(FreePort())).WithEnvironment("PORT_EPMD", Text(FreePort()));

        static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Whoever knows the server by its name stops and starts it by its name.</summary>
    private void PassCommands(IDistributedApplicationBuilder builder)
    {
        (string Name, string Text, string Icon, Func<string?, bool> Fits)[] commands =
        [
            (KnownResourceCommands.StartCommand, "Start", "Play", state => state is not ("Running" or "Starting" or "Waiting")),
            (KnownResourceCommands.StopCommand, "Stop", "Stop", state => state is "Running" or "Starting"),
            (KnownResourceCommands.RestartCommand, "Restart", "ArrowCounterclockwise", state => state is "Running"),
        ];
        var server = builder.CreateResourceBuilder(_server);
        foreach (var (name, text, icon, fits) in commands)
        {
            server.WithCommand(
                name,
                text,
                context => context.Services.GetRequiredService<ResourceCommandService>()
                    .ExecuteCommandAsync(_program, name, context.CancellationToken),
                new CommandOptions
                {
                    IconName = icon,
                    IsHighlighted = true,
                    UpdateState = context =>
                        fits(context.ResourceSnapshot.State?.Text) ? ResourceCommandState.Enabled : ResourceCommandState.Hidden,
                });
        }
    }

    private async Task FollowAsync(InitializeResourceEvent initialize, CancellationToken cancellationToken)
    {
        var eventing = initialize.Services.GetRequiredService<IDistributedApplicationEventing>();
        await eventing.PublishAsync(new ResourceEndpointsAllocatedEvent(_server, initialize.Services), cancellationToken);
        foreach (var resource in _family.OfType<IResourceWithConnectionString>())
            await eventing.PublishAsync(new ConnectionStringAvailableEvent(resource, initialize.Services), cancellationToken);
        await initialize.Notifications.PublishUpdateAsync(_server, snapshot => snapshot with
        {
            Properties = [.. snapshot.Properties, new("resource.source", $"{_kind.Product}, this machine's own")],
        });

        // For as long as the application runs; nobody waits for it.
        var over = initialize.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopped;
        _ = FollowStateAsync(initialize.Notifications, over);
        _ = FollowLogAsync(initialize.Services.GetRequiredService<ResourceLoggerService>(), over);
    }

    private async Task FollowStateAsync(ResourceNotificationService notifications, CancellationToken cancellationToken)
    {
        await foreach (var change in notifications.WatchAsync(cancellationToken))
        {
            if (change.Resource != _program)
                continue;
            foreach (var resource in _family)
                await notifications.PublishUpdateAsync(
                    resource, snapshot => Merge(snapshot, change.Snapshot, isServer: resource == _server));
        }
    }

    private static CustomResourceSnapshot Merge(CustomResourceSnapshot server, CustomResourceSnapshot program, bool isServer) =>
        server with
        {
            State = program.State,
            ExitCode = program.ExitCode,
            StartTimeStamp = program.StartTimeStamp,
            StopTimeStamp = program.StopTimeStamp,
            Urls = [.. server.Urls.Select(url => url with { IsInactive = program.State?.Text != KnownResourceStates.Running })],
            Properties = isServer
                ? [.. server.Properties.Where(property => !ShownProperties.Contains(property.Name)),
                    .. program.Properties.Where(property => ShownProperties.Contains(property.Name))]
                : server.Properties,
        };

    private async Task FollowLogAsync(ResourceLoggerService loggers, CancellationToken cancellationToken)
    {
        var logger = loggers.GetLogger(_server);
        await foreach (var lines in loggers.WatchAsync(_program).WithCancellation(cancellationToken))
        {
            foreach (var line in lines.Where(line => !IsAboutTheProgram(WithoutTime(line.Content))))
                logger.Log(line.IsErrorMessage && _kind.Product != "PostgreSQL" ? LogLevel.Error : LogLevel.Information, "{Line}",
                    WithoutTime(line.Content));
        }
    }

    /// <summary>What Aspire says of the script and not the server itself.</summary>
    private static bool IsAboutTheProgram(string line) =>
        line.StartsWith("[sys]", StringComparison.Ordinal)
            || line.StartsWith("No custom certificate authorities", StringComparison.Ordinal);

    // Aspire puts the time before each line, and would do so twice.
    private static string WithoutTime(string line) =>
        line.IndexOf(' ', StringComparison.Ordinal) is > 0 and var space
        && DateTimeOffset.TryParse(line.AsSpan(0, space), CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
            ? line[(space + 1)..]
            : line;

    private static int FreePort()
    {
        while (true)
        {
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, Random.Shared.Next(FirstPort, LastPort));
                probe.Start();
                return ((IPEndPoint)probe.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                // Taken: draw again.
            }
        }
    }
}
