using Microsoft.AspNetCore.Diagnostics;
using Shop.Web.Api;

namespace Shop.Web.Storefront;

/// <summary>A page with a sentence for whatever goes wrong, instead of an empty answer.</summary>
public static class ErrorPages
{
    /// <summary>Where they are.</summary>
    public const string Path = "/status";

    public static IApplicationBuilder UseStorefrontErrorPages(this WebApplication app)
    {
        // Programs get problem details, people get a page.
        app.UseWhen(context => StorefrontPaths.AreForMachines(context.Request.Path), machines => machines.UseExceptionHandler());
        return app.UseWhen(
            context => !StorefrontPaths.AreForMachines(context.Request.Path),
            pages => pages
                .UseStatusCodePagesWithReExecute($"{Path}/{{0}}", createScopeForStatusCodePages: true)
                .UseExceptionHandler(new ExceptionHandlerOptions
                {
                    ExceptionHandlingPath = $"{Path}/500",
                    CreateScopeForErrors = true,
                    StatusCodeSelector = StatusOf,
                    // A shop that can't be reached is logged where it is noticed, once a call; the page adds nothing.
                    SuppressDiagnosticsCallback = failure => failure.Exception is ShopUnavailableException,
                }));
    }

    private static int StatusOf(Exception exception) => exception switch
    {
        ShopUnavailableException { IsTooMuch: true } => StatusCodes.Status429TooManyRequests,
        ShopUnavailableException => StatusCodes.Status503ServiceUnavailable,
        BadHttpRequestException bad => bad.StatusCode,
        _ => StatusCodes.Status500InternalServerError,
    };
}
