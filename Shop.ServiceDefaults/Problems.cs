using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using KestrelServerOptions = Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions;

namespace Shop.ServiceDefaults;

/// <summary>
/// Problem details (RFC 9457) with a stable <c>type</c> and the <c>traceId</c> for whatever goes wrong; never a stack trace.
/// </summary>
public static class Problems
{
    /// <summary>Of a problem's <c>type</c>, a name that a client may compare.</summary>
    public const string Prefix = "urn:shop:problem:";

    private static readonly Dictionary<int, string> Names = new()
    {
        [400] = "bad-request",
        [401] = "unauthorized",
        [403] = "forbidden",
        [404] = "not-found",
        [405] = "method-not-allowed",
        [406] = "not-acceptable",
        [409] = "conflict",
        [413] = "content-too-large",
        [415] = "unsupported-media-type",
        [422] = "unprocessable-content",
        [429] = "too-many-requests",
        [500] = "internal-error",
        [503] = "unavailable",
    };

    internal static void AddProblems(this IHostApplicationBuilder builder)
    {
        builder.Services.AddProblemDetails(options => options.CustomizeProblemDetails = Complete);
        builder.Services.Configure<ExceptionHandlerOptions>(options => options.StatusCodeSelector = StatusOf);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Transient<IStartupFilter, LastNet>());
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IDeveloperPageExceptionFilter, NoDeveloperPage>());
        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.AddServerHeader = false);
    }

    /// <summary>The type of a problem that says no more than its status code.</summary>
    private static string TypeOf(int statusCode) =>
        Prefix + (Names.GetValueOrDefault(statusCode) ?? statusCode.ToString(CultureInfo.InvariantCulture));

    private static void Complete(ProblemDetailsContext context)
    {
        var problem = context.ProblemDetails;
        // Without a type of its own the framework has put the RFC's section on the status code there.
        if (problem.Type is null || problem.Type.StartsWith("https://tools.ietf.org/", StringComparison.Ordinal))
            problem.Type = TypeOf(problem.Status ?? context.HttpContext.Response.StatusCode);
        problem.Extensions["traceId"] = Activity.Current?.TraceId.ToHexString() ?? context.HttpContext.TraceIdentifier;
    }

    private static int StatusOf(Exception exception) =>
        exception is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError;

    /// <summary>Around everything else of the pipeline.</summary>
    private sealed class LastNet : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.UseExceptionHandler();
            next(app);
        };
    }

    /// <summary>In Development, too, visitors get the problem details of production; the stack trace is in the log and the trace.</summary>
    private sealed class NoDeveloperPage(IProblemDetailsService problems) : IDeveloperPageExceptionFilter
    {
        public async Task HandleExceptionAsync(ErrorContext errorContext, Func<ErrorContext, Task> next)
        {
            var context = errorContext.HttpContext;
            context.Response.StatusCode = StatusOf(errorContext.Exception);
            await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = context });
        }
    }
}
