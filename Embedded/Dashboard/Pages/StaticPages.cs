using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticFiles;

namespace Embedded.Dashboard.Pages;

/// <summary>The pages' files, which travel inside this assembly.</summary>
internal static class StaticPages
{
    private const string Folder = "wwwroot/";
    private const string LoginPage = "login.html";

    private static readonly Assembly Own = typeof(StaticPages).Assembly;
    private static readonly FileExtensionContentTypeProvider ContentTypes = new();

    public static void MapStaticPages(this IEndpointRouteBuilder routes, BrowserToken token)
    {
        routes.MapGet("/", context => SendAsync(context, "index.html"));
        routes.MapGet("/{**path}", (HttpContext context, string path) => SendAsync(context, path));
        routes.MapGet("/login", context =>
        {
            if (context.Request.Query["t"].ToString() is not { Length: > 0 } candidate) return SendAsync(context, LoginPage);

            LogIn(context, token, candidate);
            return Task.CompletedTask;
        });
        routes.MapPost("/login", async context =>
            LogIn(context, token, (await context.Request.ReadFormAsync(context.RequestAborted))["token"]));
    }

    /// <summary>Whether a path may be seen before the login.</summary>
    public static bool IsOpen(PathString path) => path == "/login" || Path.GetExtension(path.Value) is ".css" or ".svg" or ".js";

    private static void LogIn(HttpContext context, BrowserToken token, string? candidate)
    {
        var right = token.Is(candidate);
        if (right) token.LogIn(context);
        context.Response.Redirect(right ? "/" : "/login?wrong");
    }

    private static async Task SendAsync(HttpContext context, string path)
    {
        await using var file = Own.GetManifestResourceStream(Folder + path);
        if (file is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        context.Response.ContentType = ContentTypes.TryGetContentType(path, out var type) ? type : "application/octet-stream";
        await file.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
