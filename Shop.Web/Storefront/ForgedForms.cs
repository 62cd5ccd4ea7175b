using Microsoft.AspNetCore.Antiforgery;

namespace Shop.Web.Storefront;

/// <summary>Forms whose token isn't ours: from elsewhere, or from a page that stood open for very long.</summary>
public static class ForgedForms
{
    /// <summary>Refuses them with 400 and its page, before an endpoint sees them.</summary>
    public static IApplicationBuilder UseForgedFormRefusal(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.Features.Get<IAntiforgeryValidationFeature>() is not { IsValid: false })
            return next(context);

        // The page about it is rendered by the same request, which from here on is no form any more.
        context.Features.Set<IAntiforgeryValidationFeature>(null);
        context.Request.Method = HttpMethods.Get;
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return Task.CompletedTask;
    });
}
