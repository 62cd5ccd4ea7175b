using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Shop.ServiceDefaults;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Shop.Web.Gateway;

/// <summary>
/// The way from the outside to the API: <c>/api</c>, <c>/openapi</c> and <c>/docs</c> on the storefront's own address. The
/// calls go through an HTTP client like the pages' own, so finding replicas and sending again what they left without an
/// answer is the same for both.
/// </summary>
public static class ApiGateway
{
    private const string Client = "gateway";
    private const string Api = "http://apiservice/";
    private const string RetryAfterSeconds = "2";

    /// <summary>Above this, a refusal by the API is worth waiting for before the body is sent.</summary>
    private const long LargeBody = 1024 * 1024;

    private static readonly ForwarderRequestConfig Forwarding = new()
    {
        // How long a stream of events may be silent.
        ActivityTimeout = TimeSpan.FromMinutes(10),
        Version = HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
    };

    public static WebApplicationBuilder AddGateway(this WebApplicationBuilder builder)
    {
        builder.Services.AddHttpForwarder();
        builder.Services.AddHttpClient(Client)
            // Its connections are renewed by themselves.
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .UseSocketsHttpHandler((sockets, _) =>
            {
                // Whatever the API says is the caller's to see.
                sockets.AllowAutoRedirect = false;
                sockets.AutomaticDecompression = DecompressionMethods.None;
                sockets.UseCookies = false;
                sockets.UseProxy = false;
                sockets.ActivityHeadersPropagator = new ReverseProxyPropagator(DistributedContextPropagator.Current);
            });
        return builder;
    }

    public static WebApplication MapGateway(this WebApplication app)
    {
        var forwarder = app.Services.GetRequiredService<IHttpForwarder>();
        var handler = app.Services.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler(Client);
        var client = new HttpMessageInvoker(handler, disposeHandler: false);
        var transformer = app.Services.GetRequiredService<ITransformBuilder>()
            .Create(transforms => transforms.AddRequestTransform(PrepareAsync));
        foreach (var root in (string[])["api", "openapi", "docs"])
        {
            app.Map($"/{root}/{{**rest}}", async context =>
            {
                // The API's errors are its own; no page is put in their place.
                if (context.Features.Get<IStatusCodePagesFeature>() is { } pages)
                    pages.Enabled = false;

                var error = await forwarder.SendAsync(context, Api, client, Forwarding, transformer);
                if (error is not ForwarderError.None && !context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
                    await RefuseAsync(context, error);
            });
        }

        return app;
    }

    private static ValueTask PrepareAsync(RequestTransformContext transform)
    {
        transform.ProxyRequest.Options.Set(HttpClients.IsPassedOn, true);
        if (transform.HttpContext.Request.ContentLength > LargeBody)
            transform.ProxyRequest.Headers.ExpectContinue = true;
        return ValueTask.CompletedTask;
    }

    private static async Task RefuseAsync(HttpContext context, ForwarderError error)
    {
        var logger = context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ApiGateway).FullName!);
        var failure = context.GetForwarderErrorFeature()?.Exception;
        logger.CallGivenUp(context.Request.Method, context.Request.Path.Value, error, failure?.Message);

        // The request itself was at fault, not the API.
        var isUnreadable = error is ForwarderError.RequestBodyClient or ForwarderError.RequestCreation;
        context.Response.StatusCode = isUnreadable ? StatusCodes.Status400BadRequest : StatusCodes.Status503ServiceUnavailable;
        if (!isUnreadable)
            context.Response.Headers.RetryAfter = RetryAfterSeconds;
        await context.RequestServices.GetRequiredService<IProblemDetailsService>().TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = context,
            ProblemDetails = new ProblemDetails
            {
                Status = context.Response.StatusCode,
                Title = isUnreadable ? "The request can't be read." : "The shop can't be reached for the moment.",
                Detail = isUnreadable ? "Its body broke off or is malformed." : "Please try again in a few seconds.",
            },
        });
    }
}
