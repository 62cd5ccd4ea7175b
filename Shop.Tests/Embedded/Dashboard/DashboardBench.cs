using System.Net;
using System.Text.Json;
using Embedded.Dashboard;
using Embedded.Dashboard.Resources;
using Embedded.Dashboard.Telemetry;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Shop.Tests.Embedded.Dashboard;

/// <summary>A dashboard on free ports, without an application behind it, and a browser's client that is logged in.</summary>
internal sealed class DashboardBench : IAsyncDisposable
{
    public const string Token = "browser-token";
    public const string ApiKey = "api-key";

    private DashboardBench(DashboardServer server)
    {
        Server = server;
        Client = Stranger();
    }

    public DashboardServer Server { get; }

    public HttpClient Client { get; }

    public static async Task<DashboardBench> StartAsync(TelemetryLimits? limits = null)
    {
        var bench = new DashboardBench(await DashboardServer.StartAsync(
            new DashboardOptions { BrowserToken = Token, ApiKey = ApiKey }, new NoResources(), limits ?? TelemetryLimits.Default, TestContext.Current.CancellationToken));
        using var login = await bench.Client.GetAsync(bench.Server.LoginUrl, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Redirect, login.StatusCode);
        return bench;
    }

    /// <summary>A browser that has not logged in.</summary>
    public HttpClient Stranger() => new(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer(), UseProxy = false }) { BaseAddress = Server.Url };

    public async Task<JsonElement> AskAsync(string path)
    {
        using var answer = await Client.GetAsync(path, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{path} answers {answer.StatusCode}.");
        return JsonElement.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Sends a body to the receiver for HTTP as an exporter does.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpContent content, string path = "v1/traces", string? key = ApiKey)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Server.HttpUrl, path)) { Content = content };
        if (key is not null) request.Headers.Add(DashboardServer.KeyHeader, key);
        return await Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Whose telemetry it is that OpenTelemetry's SDK sends.</summary>
    public static ResourceBuilder Sender() =>
        ResourceBuilder.CreateEmpty().AddService("tester", serviceInstanceId: "tester-1", autoGenerateServiceInstanceId: false);

    /// <summary>Lets an exporter of OpenTelemetry's SDK send here.</summary>
    public void Configure(OtlpExporterOptions options, OtlpExportProtocol protocol, string path)
    {
        options.Protocol = protocol;
        options.Endpoint = protocol == OtlpExportProtocol.Grpc ? Server.GrpcUrl : new Uri(Server.HttpUrl, path);
        options.Headers = $"{DashboardServer.KeyHeader}={ApiKey}";
    }

    /// <summary>Sends all spans of a source here.</summary>
    public TracerProvider Tracing(string source, OtlpExportProtocol protocol = OtlpExportProtocol.HttpProtobuf) => Sdk.CreateTracerProviderBuilder()
        .SetResourceBuilder(Sender()).AddSource(source).SetSampler(new AlwaysOnSampler())
        .AddOtlpExporter(options => Configure(options, protocol, "v1/traces")).Build();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
    }

    private sealed class NoResources : IDashboardResources
    {
        public string ApplicationName => "bench";

        public IReadOnlyList<DashboardResource> Current() => [];

        public IReadOnlyList<ConsoleLine>? Console(string resource, long after) => null;

        public IReadOnlyList<string>? ConsoleFiles(string resource) => null;

        public Task<string?> ExecuteAsync(string resource, int? replica, string command) => Task.FromResult<string?>($"There is no resource '{resource}'.");
    }
}
