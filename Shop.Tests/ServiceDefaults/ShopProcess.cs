using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Shop.ServiceDefaults;

namespace Shop.Tests.ServiceDefaults;

/// <summary>A process of the shop in miniature: the service defaults and whatever the test adds.</summary>
internal sealed class ShopProcess(WebApplication app) : IAsyncDisposable
{
    public WebApplication App => app;

    /// <summary>A plain client from outside, without the resilience of the shop's own.</summary>
    public HttpClient Outside { get; } = new() { BaseAddress = new Uri(app.Urls.Single()) };

    /// <summary>A client as the shop's own code gets it.</summary>
    public HttpClient Inside => app.Services.GetRequiredService<IHttpClientFactory>().CreateClient("shop");

    public static async Task<ShopProcess> StartAsync(
        Dictionary<string, string?>? configuration = null,
        Action<WebApplicationBuilder>? build = null,
        Action<WebApplication>? map = null,
        string environment = "Production")
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Logging:Console:LogLevel:Default"] = "Critical",
            ["Shutdown:Drain"] = "00:00:00",
            ["Resilience:BaseDelay"] = "00:00:00.001",
        });
        builder.Configuration.AddInMemoryCollection(configuration ?? []);
        builder.AddServiceDefaults();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
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
        using var atOnce = new CancellationTokenSource(TimeSpan.Zero);
        await app.StopAsync(atOnce.Token);
        await app.DisposeAsync();
    }
}
