using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Shop.ServiceDefaults;

namespace Shop.Tests.ServiceDefaults;

/// <summary>A process of the shop in miniature: the service defaults and whatever the test adds.</summary>
internal sealed class ShopProcess(WebApplication app) : IAsyncDisposable
{
    public const string ManagementPort = "Management:Port";

    public WebApplication App => app;

    /// <summary>A plain client of the port for customers, without the resilience of the shop's own.</summary>
    public HttpClient Outside { get; } = new()
    {
        BaseAddress = new Uri(app.Urls.Single(url => !url.EndsWith($":{app.Configuration[ManagementPort]}", StringComparison.Ordinal))),
    };

    /// <summary>A plain client of the port for management, for processes that have one.</summary>
    public HttpClient Management { get; } = new() { BaseAddress = new Uri($"http://127.0.0.1:{app.Configuration[ManagementPort] ?? "1"}") };

    /// <summary>A client as the shop's own code gets it.</summary>
    public HttpClient Inside => app.Services.GetRequiredService<IHttpClientFactory>().CreateClient("shop");

    /// <summary>For <see cref="ManagementPort"/>.</summary>
    public static string FreePort() => new Uri(LoopbackServer.DeadAddress()).Port.ToString(CultureInfo.InvariantCulture);

    public static async Task<ShopProcess> StartAsync(
        Dictionary<string, string?>? configuration = null,
        Action<WebApplicationBuilder>? build = null,
        Action<WebApplication>? map = null,
        string environment = "Production")
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["urls"] = "http://127.0.0.1:0",
            ["Logging:Console:LogLevel:Default"] = "Critical",
            ["Shutdown:Drain"] = "00:00:00",
            ["Resilience:Retry:Delay"] = "00:00:00.001",
        });
        builder.Configuration.AddInMemoryCollection(configuration ?? []);
        builder.AddServiceDefaults();
        build?.Invoke(builder);
        var app = builder.Build();
        app.MapDefaultEndpoints();
        map?.Invoke(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new ShopProcess(app);
    }

    public async ValueTask DisposeAsync()
    {
        Outside.Dispose();
        Management.Dispose();
        using var atOnce = new CancellationTokenSource(TimeSpan.Zero);
        await app.StopAsync(atOnce.Token);
        await app.DisposeAsync();
    }
}
