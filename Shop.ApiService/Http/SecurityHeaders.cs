namespace Shop.ApiService.Http;

/// <summary>What a browser may do with the API's answers, its page of documentation among them.</summary>
internal static class SecurityHeaders
{
    /// <summary>Nothing is taken for what it isn't said to be, and no other site shows it inside its own page.</summary>
    public static void UseSecurityHeaders(this WebApplication app) => app.Use((HttpContext context, RequestDelegate next) =>
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        return next(context);
    });
}
