using System.Collections.Immutable;
using System.Globalization;
using Embedded.Hosting.Endpoints;
using Embedded.Hosting.Processes;

namespace Embedded.Hosting;

/// <summary>One replica of a project or executable, each on private ports of its own.</summary>
internal sealed class ProcessUnit(
    string instanceName,
    IResourceWithEnvironment resource,
    DistributedApplicationExecutionContext executionContext,
    IReadOnlyDictionary<EndpointAnnotation, Backend> backends,
    IReadOnlyDictionary<string, string> telemetry,
    ResourceLog log,
    Func<Guardian> guardian) : IUnit
{
    private static readonly HttpClient HealthClient = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(10),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private readonly Dictionary<EndpointAnnotation, int> _ports = [];
    private readonly HttpHealthCheckAnnotation[] _healthChecks = [.. resource.Annotations.OfType<HttpHealthCheckAnnotation>()];
    private ChildProcess? _process;

    public bool HasHealthCheck => _healthChecks.Length > 0;

    public Task<int> Exited => Process.Exited;

    public ResourceLog Log { get; } = log;

    public int? ProcessId => _process?.Id;

    public IReadOnlyDictionary<string, string> Environment { get; private set; } = ImmutableDictionary<string, string>.Empty;

    public string? Url => _ports.Count == 0 ? null : AddressOf(_ports.First());

    private ChildProcess Process => _process ?? throw new InvalidOperationException($"{instanceName} has not been started.");

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        TakePorts();
        var start = await DescribeAsync(cancellationToken);
        if (!Directory.Exists(start.WorkingDirectory))
            throw new EmbeddedHostingException($"{instanceName} can't be started: its working directory {start.WorkingDirectory} doesn't exist.");

        try
        {
            _process = ChildProcess.Start(start, guardian(), (line, _) => Log.Write(line));
        }
        catch (Exception exception) when (exception is System.ComponentModel.Win32Exception or IOException)
        {
            throw new EmbeddedHostingException(
                $"{instanceName} can't be started: {exception.Message} Is '{start.FileName}' installed and executable?", exception);
        }

        foreach (var (endpoint, backend) in backends)
            backend.Start(_ports[endpoint]);

        if (!HasHealthCheck) SetHealth(true);
    }

    public async Task<string?> CheckHealthAsync(CancellationToken cancellationToken)
    {
        foreach (var check in _healthChecks)
        {
            var (endpoint, port) = _ports.FirstOrDefault(candidate =>
                check.EndpointName is null || string.Equals(candidate.Key.Name, check.EndpointName, StringComparison.OrdinalIgnoreCase));
            if (endpoint is null)
                throw new EmbeddedHostingException($"The health check of {resource.Name} needs an HTTP endpoint: call WithHttpEndpoint() before it.");

            try
            {
                var address = new UriBuilder("http", "127.0.0.1", port).Uri;
                using var response = await HealthClient.GetAsync(
                    new Uri(address, check.Path), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
                if ((int)response.StatusCode != check.StatusCode)
                    return string.Create(CultureInfo.InvariantCulture, $"{check.Path} answers {(int)response.StatusCode}");
            }
            catch (HttpRequestException exception)
            {
                return $"{check.Path} doesn't answer ({exception.HttpRequestError})";
            }
        }

        return null;
    }

    public void SetHealth(bool healthy)
    {
        foreach (var backend in backends.Values)
            backend.SetHealth(healthy);
    }

    public async Task StopAsync(TimeSpan grace)
    {
        foreach (var backend in backends.Values)
            backend.Drain();

        if (_process is not null) await _process.StopAsync(grace);
        OnExited();
    }

    public void OnExited()
    {
        foreach (var backend in backends.Values)
            backend.Down();
    }

    public void Kill() => _process?.Kill();

    public void Suspend() => _process?.Suspend();

    public void Resume() => _process?.Resume();

    private void TakePorts()
    {
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
        {
            // A new port each time: what a dead process listened on may linger, or belong to another by now.
            if (_ports.Remove(endpoint, out var earlier) && endpoint.TargetPort is null && endpoint.IsProxied) FreePorts.Return(earlier);
            _ports[endpoint] = !endpoint.IsProxied ? endpoint.AllocatedPort!.Value : endpoint.TargetPort ?? FreePorts.Take();
        }
    }

    private async Task<ProcessStart> DescribeAsync(CancellationToken cancellationToken)
    {
        var environment = await EvaluateEnvironmentAsync(cancellationToken);
        var arguments = new List<string>();
        foreach (var argument in resource.Annotations.OfType<CommandLineArgsAnnotation>().SelectMany(annotation => annotation.Arguments))
            arguments.Add(await ToTextAsync(argument, cancellationToken));

        if (resource is ExecutableResource executable)
            return new ProcessStart(executable.Command, arguments, executable.WorkingDirectory, environment) { InheritEnvironment = false };

        var project = resource.Annotations.OfType<IProjectMetadata>().Single();
        if (!File.Exists(project.AssemblyPath))
        {
            throw new EmbeddedHostingException(
                $"{resource.Name} is not built: {project.AssemblyPath} is missing. Build the AppHost again (dotnet build); it builds its services with it.");
        }

        return new ProcessStart(
            DotNetHost.Path, [project.AssemblyPath, .. arguments], Path.GetDirectoryName(project.ProjectPath)!, environment)
        { InheritEnvironment = false };
    }

    private async Task<Dictionary<string, string>> EvaluateEnvironmentAsync(CancellationToken cancellationToken)
    {
        var values = new Dictionary<string, object>
        {
            ["OTEL_SERVICE_NAME"] = resource.Name,
            ["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={instanceName}",
        };

        if (resource is ProjectResource && _ports.Count > 0)
            values["ASPNETCORE_URLS"] = string.Join(';', _ports.Select(AddressOf));

        foreach (var (endpoint, port) in _ports)
        {
            if (endpoint.TargetPortEnvironmentVariable is { } variable) values[variable] = port.ToString(CultureInfo.InvariantCulture);
        }

        foreach (var (name, value) in telemetry)
            values[name] = value;

        var context = new EnvironmentCallbackContext(executionContext, resource, values, cancellationToken);
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>())
            await annotation.Callback(context);

        var given = new Dictionary<string, string>();
        foreach (var (name, value) in values)
            given[name] = await ToTextAsync(value, cancellationToken);

        Environment = given;
        var environment = InheritedEnvironment.Get();
        foreach (var (name, value) in given)
            environment[name] = value;

        return environment;
    }

    private static string AddressOf(KeyValuePair<EndpointAnnotation, int> port) =>
        string.Create(CultureInfo.InvariantCulture, $"{port.Key.UriScheme}://127.0.0.1:{port.Value}");

    private static async ValueTask<string> ToTextAsync(object value, CancellationToken cancellationToken) =>
        value is IValueProvider provider
            ? await provider.GetValueAsync(cancellationToken) ?? ""
            : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}
