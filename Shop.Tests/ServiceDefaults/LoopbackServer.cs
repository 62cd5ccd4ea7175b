using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Shop.Tests.ServiceDefaults;

/// <summary>A real server on a free port of 127.0.0.1 that counts what it is asked.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _requests;

    private LoopbackServer(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    public int Requests => Volatile.Read(ref _requests);

    /// <param name="answer">Gets the number of the request, from 1.</param>
    public static async Task<LoopbackServer> StartAsync(Func<HttpContext, int, Task> answer, long? maxBody = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = maxBody ?? kestrel.Limits.MaxRequestBodySize);
        var server = new LoopbackServer(builder.Build());
        server._app.Run(context => answer(context, Interlocked.Increment(ref server._requests)));
        await server._app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>Answers with these status codes in turn, then with the last one for ever.</summary>
    public static Task<LoopbackServer> StartAsync(params int[] statusCodes) => StartAsync((context, request) =>
    {
        context.Response.StatusCode = statusCodes[Math.Min(request, statusCodes.Length) - 1];
        return Task.CompletedTask;
    });

    /// <summary>An address of this machine where nobody listens.</summary>
    public static string DeadAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
    }

    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(atOnce.Token);
        await _app.DisposeAsync();
    }
}
